package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.Origin;

/** Loads two proxies in turns, after a warm-up, and measures what CPU they take. */
final class Rounds {
  static final Duration PEER_WARMUP = Duration.ofSeconds(2);

  /** For the last connections, which the proxy has yet to close. */
  static final Duration SETTLE = Duration.ofMillis(500);

  private static final Duration WARMUP_STEP = Duration.ofSeconds(2);
  private static final int MAX_WARMUPS = 4;
  private static final double GB = 1e9;

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestant peer;
  private final Contestant uplift;
  private boolean warm;
  private long handshakes;

  /** Work for some time. */
  @FunctionalInterface
  interface Work {
    Row.Sample run(Contestant proxy, Duration time) throws Exception;
  }

  Rounds(Settings settings, EventLoopGroup loops, Contestant peer, Contestant uplift) {
    this.settings = settings;
    this.loops = loops;
    this.peer = peer;
    this.uplift = uplift;
  }

  /** The handshakes of TLS Uplift so far. */
  long handshakes() {
    return handshakes;
  }

  /** Milliseconds for each connection, or seconds for each GB. */
  Row.Sample cpu(Contestant proxy, Load.Plan plan, Origin origin) throws InterruptedException {
    long resumedBefore = origin.resumed.sum();
    long handshakesBefore = origin.handshakes.sum();
    long before = proxy.cpuMillis();
    Load.Outcome outcome = Load.run(loops, plan);
    handshakes += proxy == uplift ? outcome.connections() : 0;
    // The last connections are yet to be closed by the proxy.
    Thread.sleep(SETTLE.toMillis());
    long used = proxy.cpuMillis() - before;
    boolean bulk = plan.then() == Then.REPEAT;
    return new Row.Sample(
        bulk ? used / 1000.0 / (outcome.bytes() / GB) : used / (double) outcome.connections(),
        outcome.errors().stream().map(why -> proxy.name() + ": " + why).toList(),
        bulk ? outcome.bytes() : outcome.connections(),
        bulk ? Double.NaN : outcome.resumed() / (double) outcome.connections(),
        (origin.resumed.sum() - resumedBefore)
            / (double) (origin.handshakes.sum() - handshakesBefore));
  }

  void run(Row row, Work work) throws Exception {
    run(row, work, work);
  }

  void run(Row row, Work warmUp, Work work) throws Exception {
    System.out.println(row.title());
    warmUp.run(peer, PEER_WARMUP);
    warmUp(warmUp, uplift);
    warm = true;
    for (int round = 0; round < settings.rounds(); round++) {
      long before = handshakes;
      Row.Sample first = work.run(round % 2 == 0 ? peer : uplift, settings.round());
      Row.Sample second = work.run(round % 2 == 0 ? uplift : peer, settings.round());
      row.rounds()
          .add(
              round % 2 == 0
                  ? new Row.Round(first, second, before)
                  : new Row.Round(second, first, before));
      Row.Round last = row.rounds().get(round);
      System.out.printf(
          "  %d: %.3f %.3f %s, ratio %.2f%n",
          round + 1, last.peer().value(), last.uplift().value(), row.unit(), last.ratio());
    }
  }

  /**
   * Loads the JVM for the set time. Before the first row it also needs the set number of
   * handshakes, because other processes may slow it down.
   */
  private void warmUp(Work work, Contestant jvm) throws Exception {
    Duration time = warm ? settings.rowWarmup() : settings.warmup();
    long end = System.nanoTime() + time.multipliedBy(MAX_WARMUPS).toNanos();
    long done = work.run(jvm, time).work();
    while (!warm && done < settings.warmupHandshakes() && System.nanoTime() < end) {
      done += work.run(jvm, WARMUP_STEP).work();
    }
  }
}
