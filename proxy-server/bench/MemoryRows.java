package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.tlsuplift.bench.DeviceTls.Resumption;
import org.tlsuplift.bench.Load.Then;

/** Memory of fresh proxies, without and with idle tunnels. */
final class MemoryRows {
  private static final int ROUNDS = 3;
  private static final int FIRST_CONNECTIONS = 20;
  private static final Duration TIME = Duration.ofSeconds(60);

  /** Longer than the interval at which TLS Uplift's JVM gives memory back. */
  private static final Duration SETTLE = Duration.ofSeconds(12);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;

  /** KiB before and with the tunnels. */
  private record Memory(long base, long baseUnshared, long full, List<String> errors) {}

  MemoryRows(Settings settings, EventLoopGroup loops, Contestants contestants) {
    this.settings = settings;
    this.loops = loops;
    this.contestants = contestants;
  }

  void measure(List<Row> rows) throws Exception {
    if (!settings.rows().contains("memory")) {
      return;
    }
    int tunnels = settings.tunnels();
    Row base = new Row("base", "memory without sessions (PSS)", "MiB", 5.5);
    Row unshared = new Row("base-rss", "the same, nothing shared (RSS)", "MiB", Double.NaN);
    Row each = new Row("tunnel", "memory of each idle session (PSS)", "KiB", 0.6);
    Row whole = new Row("whole", "memory with " + tunnels + " idle sessions (PSS)", "MiB", 1.0);
    rows.addAll(List.of(base, unshared, each, whole));
    for (int round = 0; round < ROUNDS; round++) {
      Memory haproxy = measure(contestants::haproxy);
      Memory uplift = measure(contestants::uplift);
      System.out.println("memory " + (round + 1) + ": " + haproxy + " " + uplift);
      base.rounds().add(round(haproxy, uplift, m -> m.base() / 1024.0));
      unshared.rounds().add(round(haproxy, uplift, m -> m.baseUnshared() / 1024.0));
      each.rounds().add(round(haproxy, uplift, m -> (m.full() - m.base()) / (double) tunnels));
      whole.rounds().add(round(haproxy, uplift, m -> m.full() / 1024.0));
    }
  }

  private static Row.Round round(Memory haproxy, Memory uplift, ToDoubleFunction<Memory> figure) {
    return new Row.Round(
        new Row.Sample(figure.applyAsDouble(haproxy), haproxy.errors(), 0, Double.NaN, Double.NaN),
        new Row.Sample(figure.applyAsDouble(uplift), uplift.errors(), 0, Double.NaN, Double.NaN));
  }

  private Memory measure(Callable<Contestant> start) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Resumption.NONE);
    try (Contestant proxy = start.call()) {
      int port = proxy.ports().resuming();
      Load.Outcome first =
          Load.run(
              loops,
              new Load.Plan(port, tls, Exchange.ONE_BYTE, Then.CLOSE, 1, TIME, FIRST_CONNECTIONS));
      Thread.sleep(SETTLE.toMillis());
      long base = proxy.pssKib();
      long baseUnshared = proxy.rssKib();
      Load.Outcome idle =
          Load.run(
              loops,
              new Load.Plan(
                  port,
                  tls,
                  Exchange.ONE_BYTE,
                  Then.HOLD,
                  settings.concurrency(),
                  TIME,
                  settings.tunnels()));
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
