package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.Origin;

/** How many new sessions a second a proxy accepts while it holds many idle ones. */
final class ScaleRows {
  /** Sessions of a proxy beside those that are idle: those of the ramp, and some that end. */
  private static final int ROOM = Ramp.AT_ONCE + 100;

  private static final int MAX_WARMUPS = 4;
  private static final Duration WARMUP_STEP = Duration.ofSeconds(2);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;

  /**
   * What came of one proxy.
   *
   * @param warmup sessions before it
   * @param idleKib PSS with the idle sessions, before the ramp
   */
  private record Result(List<Ramp.Step> steps, long warmup, long idleKib, List<String> errors) {
    /** The highest rate that was held; the first rate if none was. */
    Ramp.Step held() {
      return highest(Ramp.Step::isHeld);
    }

    /** The highest rate that the other has held too. */
    Ramp.Step heldBy(Result other) {
      return highest(
          step ->
              step.isHeld()
                  && other.steps.stream()
                      .anyMatch(its -> its.isHeld() && its.rate() == step.rate()));
    }

    private Ramp.Step highest(Predicate<Ramp.Step> which) {
      return steps.stream()
          .filter(which)
          .max(Comparator.comparingDouble(Ramp.Step::rate))
          .orElse(steps.get(0));
    }

    /** Sessions a second, if the CPU of each stayed the same and the proxy had two processors. */
    double alone() {
      return 2000 / held().cpuMillis();
    }

    private Row.Sample sample(double value) {
      long done = steps.stream().mapToLong(step -> step.outcome().latencies().size()).sum();
      return new Row.Sample(value, errors, done, Double.NaN, Double.NaN);
    }
  }

  /** Both proxies. */
  private record Both(String id, Result peer, Result uplift) {
    Row row(String figure, String title, String unit, double ofPeer, double ofUplift) {
      Row row = new Row(id + "-" + figure, "haproxy", title, unit, Double.NaN);
      row.rounds()
          .add(new Row.Round(peer.sample(ofPeer), uplift.sample(ofUplift), uplift.warmup()));
      return row;
    }
  }

  ScaleRows(Settings settings, EventLoopGroup loops, Origins origins) {
    this.settings = settings;
    this.loops = loops;
    this.contestants =
        new Contestants(
            settings, Origin.Speaks.REQUESTS, origins.ports(), settings.idleSessions() + ROOM);
  }

  void measure(List<Row> rows) throws Exception {
    for (String id : settings.scaleRows()) {
      boolean resumes = id.equals("scale");
      DeviceTls tls =
          DeviceTls.of(
              "TLSv1",
              "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
              resumes ? Resumption.TICKET : Resumption.NONE);
      ToIntFunction<Contestant.Ports> port =
          resumes ? Contestant.Ports::resuming : Contestant.Ports::full;
      Result peer = measure(contestants::peer, tls, port);
      Result uplift = measure(contestants::uplift, tls, port);
      rows.addAll(rows(id, resumes, peer, uplift));
    }
  }

  private List<Row> rows(String id, boolean resumes, Result peer, Result uplift) {
    String kind = resumes ? "resumed sessions" : "full sessions";
    Both both = new Both(id, peer, uplift);
    return List.of(
        both.row(
            "rate",
            String.format("%s beside %,d idle, on shared cores", kind, settings.idleSessions()),
            "per s",
            peer.held().rate(),
            uplift.held().rate()),
        both.row(
            "cpu",
            String.format("each of %.0f a second, which both hold", peer.heldBy(uplift).rate()),
            "CPU ms",
            peer.heldBy(uplift).cpuMillis(),
            uplift.heldBy(peer).cpuMillis()),
        both.row(
            "alone",
            kind + " by the CPU of each, if two cores were its own",
            "per s",
            peer.alone(),
            uplift.alone()),
        both.row(
            "idle",
            "memory with the idle sessions (PSS)",
            "MiB",
            peer.idleKib() / 1024.0,
            uplift.idleKib() / 1024.0),
        both.row(
            "memory",
            "memory after the highest rate (PSS)",
            "MiB",
            peer.held().pssKib() / 1024.0,
            uplift.held().pssKib() / 1024.0));
  }

  private Result measure(
      Callable<Contestant> start, DeviceTls tls, ToIntFunction<Contestant.Ports> of)
      throws Exception {
    try (Contestant proxy = start.call()) {
      int port = of.applyAsInt(proxy.ports());
      System.out.println(proxy.name());
      long warmup = warmUp(tls, port);
      try (IdleSessions idle = IdleSessions.open(port, settings.idleSessions())) {
        long idleKib = proxy.pssKib();
        System.out.printf("  %d idle, PSS %.1f MiB%n", idle.opened(), idleKib / 1024.0);
        List<Ramp.Step> steps =
            new Ramp(loops, proxy, tls, port, settings.step(), settings.costDevices()).run();
        int alive = idle.alive();
        System.out.printf("  %d of %d idle sessions are alive%n", alive, idle.opened());
        List<String> errors = new ArrayList<>();
        if (alive != settings.idleSessions()) {
          errors.add(proxy.name() + ": " + alive + " idle sessions are alive");
        }
        if (steps.stream().noneMatch(Ramp.Step::isHeld)) {
          errors.add(proxy.name() + ": no rate was held");
        }
        return new Result(steps, warmup, idleKib, errors);
      }
    }
  }

  /** Warms up load and proxy, because the load is a JVM too. Returns the sessions. */
  private long warmUp(DeviceTls tls, int port) throws Exception {
    long end = System.nanoTime() + settings.warmup().multipliedBy(MAX_WARMUPS).toNanos();
    long done = warmUp(tls, port, settings.warmup());
    while (done < settings.warmupHandshakes() && System.nanoTime() < end) {
      done += warmUp(tls, port, WARMUP_STEP);
    }
    System.out.println("  warm after " + done);
    return done;
  }

  private long warmUp(DeviceTls tls, int port, Duration time) throws Exception {
    return Load.run(
            loops,
            new Load.Plan(port, tls, Exchange.ONE_BYTE, Then.CLOSE, settings.concurrency(), time))
        .connections();
  }
}
