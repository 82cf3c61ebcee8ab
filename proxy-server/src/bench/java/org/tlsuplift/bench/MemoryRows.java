package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.tlsuplift.bench.load.Device;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.MailVisit;
import org.tlsuplift.bench.load.Origin;
import org.tlsuplift.bench.load.Visit;

/** Memory of fresh proxies, without and with idle tunnels. */
final class MemoryRows {
  private static final double NONE = Double.NaN;
  private static final int ROUNDS = 3;
  private static final int FIRST_CONNECTIONS = 20;
  private static final Duration TIME = Duration.ofSeconds(60);

  /** Longer than the interval at which TLS Uplift's JVM gives memory back. */
  private static final Duration SETTLE = Duration.ofSeconds(12);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;

  /** KiB before and with the sessions. */
  private record Memory(long base, long baseUnshared, long full, List<String> errors) {}

  MemoryRows(Settings settings, EventLoopGroup loops, Contestants contestants) {
    this.settings = settings;
    this.loops = loops;
    this.contestants = contestants;
  }

  void measure(Origin.Speaks speaks, List<Row> rows) throws Exception {
    for (String id : settings.rows(speaks)) {
      switch (id) {
        case "memory" ->
            rows.addAll(
                measure("", "haproxy", settings.tunnels(), Exchange.ONE_BYTE, Exchange.ONE_BYTE));
        case "mail-memory" ->
            rows.addAll(
                measure(
                    "mail-", "stunnel", settings.mailSessions(), MailVisit.LEAVE, MailVisit.STAY));
        default -> {}
      }
    }
  }

  private List<Row> measure(String prefix, String name, int sessions, Visit first, Visit idle)
      throws Exception {
    boolean mail = first != idle;
    String what = mail ? "mail session" : "session";
    Row base = new Row(prefix + "base", name, "memory without " + what + "s (PSS)", "MiB", NONE);
    Row unshared =
        new Row(prefix + "base-rss", name, "the same, nothing shared (RSS)", "MiB", NONE);
    Row each =
        new Row(
            prefix + (mail ? "session" : "tunnel"),
            name,
            "memory of each idle " + what + " (PSS)",
            "KiB",
            mail ? 1.0 : 0.4);
    Row whole =
        new Row(
            prefix + "whole",
            name,
            "memory with " + sessions + " idle " + what + "s (PSS)",
            "MiB",
            mail ? NONE : 0.65);
    for (int round = 0; round < ROUNDS; round++) {
      Memory peer = measure(contestants::peer, sessions, first, idle);
      Memory uplift = measure(contestants::uplift, sessions, first, idle);
      System.out.println(what + " memory " + (round + 1) + ": " + peer + " " + uplift);
      base.rounds().add(round(peer, uplift, m -> m.base() / 1024.0));
      unshared.rounds().add(round(peer, uplift, m -> m.baseUnshared() / 1024.0));
      each.rounds().add(round(peer, uplift, m -> (m.full() - m.base()) / (double) sessions));
      whole.rounds().add(round(peer, uplift, m -> m.full() / 1024.0));
    }
    return List.of(base, unshared, each, whole);
  }

  private static Row.Round round(Memory peer, Memory uplift, ToDoubleFunction<Memory> figure) {
    return new Row.Round(
        new Row.Sample(figure.applyAsDouble(peer), peer.errors(), 0, Double.NaN, Double.NaN),
        new Row.Sample(figure.applyAsDouble(uplift), uplift.errors(), 0, Double.NaN, Double.NaN),
        FIRST_CONNECTIONS);
  }

  private Memory measure(
      Callable<Contestant> start, int sessions, Visit firstVisit, Visit idleVisit)
      throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Resumption.NONE);
    try (Contestant proxy = start.call()) {
      int port = proxy.ports().resuming();
      Load.Outcome first =
          Load.run(
              loops, new Load.Plan(port, tls, firstVisit, Then.CLOSE, 1, TIME, FIRST_CONNECTIONS));
      Thread.sleep(SETTLE.toMillis());
      long base = proxy.pssKib();
      long baseUnshared = proxy.rssKib();
      Load.Outcome idle =
          Load.run(
              loops,
              new Load.Plan(
                  port, tls, idleVisit, Then.HOLD, settings.concurrency(), TIME, sessions));
      Thread.sleep(SETTLE.toMillis());
      long full = proxy.pssKib();
      // Those that died while idle are among the errors by now.
      List<String> errors =
          Stream.concat(first.errors().stream(), idle.errors().stream())
              .map(why -> proxy.name() + ": " + why)
              .toList();
      idle.held().forEach(Device::close);
      return new Memory(base, baseUnshared, full, errors);
    }
  }
}
