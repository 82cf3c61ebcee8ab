package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.OpenLoad;

/**
 * New sessions at a proxy, at more and more a second until it does not keep up: first twice as many
 * in each step, then in quarters and eighths between the last rate that it held and the first that
 * it did not.
 */
final class Ramp {
  /** In both proxies, beside the idle sessions. */
  static final int AT_ONCE = 600;

  private static final int FIRST_RATE = 100;
  private static final int LAST_RATE = 25_600;
  private static final double MIN_COMPLETED = 0.98;
  private static final long WORST_NANOS = 1_000_000_000;
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** A rate that was not held is tried again, because the machine may have had other work. */
  private static final int TRIES = 2;

  /** After each step, and so much longer after one whose rate was not held. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final int RECOVERY = 6;

  private final EventLoopGroup loops;
  private final Contestant proxy;
  private final DeviceTls tls;
  private final int port;
  private final Duration time;
  private final int devices;
  private final List<Step> steps = new ArrayList<>();

  /**
   * What came of one rate.
   *
   * @param rate new sessions a second
   * @param cpuMillis of the proxy for each session that was done
   * @param share of the machine's processors that the proxy took, 0 to 1
   * @param loadShare the same of the process with the devices and the origin
   * @param pssKib of the proxy after it
   */
  record Step(
      double rate,
      OpenLoad.Outcome outcome,
      double cpuMillis,
      double share,
      double loadShare,
      long pssKib) {
    boolean isHeld() {
      return outcome.errors().isEmpty()
          && outcome.latencies().size() >= MIN_COMPLETED * outcome.due()
          && percentile(99) <= WORST_NANOS;
    }

    private long percentile(int percent) {
      List<Long> sorted = outcome.latencies();
      return sorted.isEmpty()
          ? Long.MAX_VALUE
          : sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }

    private String line() {
      return String.format(
          Locale.ROOT,
          "  %7.0f/s: %6d of %6d, resumed %3.0f %%, p50 %7.1f ms, p99 %7.1f ms, CPU %5.1f %%"
              + " (%.3f ms each), load %5.1f %%, PSS %6.1f MiB, %d missed, %d errors%s%s",
          rate,
          outcome.latencies().size(),
          outcome.due(),
          100.0 * outcome.resumed() / Math.max(1, outcome.latencies().size()),
          percentile(50) / 1e6,
          percentile(99) / 1e6,
          100 * share,
          cpuMillis,
          100 * loadShare,
          pssKib / 1024.0,
          outcome.missed(),
          outcome.errors().size(),
          outcome.errors().isEmpty() ? "" : ", first: " + outcome.errors().get(0),
          isHeld() ? "" : " - not held");
    }
  }

  /**
   * A ramp that has yet to begin.
   *
   * @param time of each step
   * @param devices the addresses that devices have
   */
  Ramp(
      EventLoopGroup loops, Contestant proxy, DeviceTls tls, int port, Duration time, int devices) {
    this.loops = loops;
    this.proxy = proxy;
    this.tls = tls;
    this.port = port;
    this.time = time;
    this.devices = devices;
  }

  /** All steps, printed as they are done. */
  List<Step> run() throws InterruptedException {
    double held = 0;
    double next = FIRST_RATE;
    while (next <= LAST_RATE && holds(next)) {
      held = next;
      next *= 2;
    }
    double notHeld = next;
    for (int parts = 4; parts >= 2; parts -= 2) {
      double step = (notHeld - held) / parts;
      double limit = notHeld;
      for (double rate = held + step; rate < limit - 1 && notHeld == limit; rate += step) {
        if (holds(rate)) {
          held = rate;
        } else {
          notHeld = rate;
        }
      }
    }
    return steps;
  }

  private boolean holds(double rate) throws InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      Step step = step(rate);
      steps.add(step);
      System.out.println(step.line());
      Thread.sleep(PAUSE.toMillis());
      if (step.isHeld()) {
        return true;
      }
      Thread.sleep(PAUSE.multipliedBy(RECOVERY).toMillis());
    }
    return false;
  }

  private Step step(double rate) {
    long begin = System.nanoTime();
    long before = proxy.cpuMillis();
    long loadBefore = ownCpuMillis();
    OpenLoad.Outcome outcome =
        OpenLoad.run(
            loops,
            new OpenLoad.Plan(port, tls, Exchange.ONE_BYTE, rate, time, GRACE, devices, AT_ONCE));
    long used = proxy.cpuMillis() - before;
    double all = (System.nanoTime() - begin) / 1e6 * Runtime.getRuntime().availableProcessors();
    return new Step(
        rate,
        outcome,
        used / (double) Math.max(1, outcome.latencies().size()),
        used / all,
        (ownCpuMillis() - loadBefore) / all,
        proxy.pssKib());
  }

  private static long ownCpuMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
  }
}
