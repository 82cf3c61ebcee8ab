package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.Origin;

/** How long fresh proxies take until they accept, and the CPU of their first connections. */
final class StartRows {
  private static final int ROUNDS = 5;
  private static final int CONNECTIONS = 1000;
  private static final Duration TIME = Duration.ofSeconds(60);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;

  private record Start(double readyMillis, double cpuMillis, List<String> errors) {}

  StartRows(Settings settings, EventLoopGroup loops, Contestants contestants) {
    this.settings = settings;
    this.loops = loops;
    this.contestants = contestants;
  }

  void measure(Origin.Speaks speaks, List<Row> rows) throws Exception {
    if (!settings.rows(speaks).contains("start")) {
      return;
    }
    Row ready = new Row("ready", "haproxy", "start until it accepts", "ms", Double.NaN);
    Row cold = new Row("cold", "haproxy", "each of the first 1,000 connections", "CPU ms", 2.0);
    for (int round = 0; round < ROUNDS; round++) {
      Start peer = start(contestants::peer);
      Start uplift = start(contestants::uplift);
      System.out.println("start " + (round + 1) + ": " + peer + " " + uplift);
      ready.rounds().add(round(peer, uplift, Start::readyMillis));
      cold.rounds().add(round(peer, uplift, Start::cpuMillis));
    }
    rows.addAll(List.of(ready, cold));
  }

  private static Row.Round round(Start peer, Start uplift, ToDoubleFunction<Start> figure) {
    return new Row.Round(sample(peer, figure), sample(uplift, figure), 0);
  }

  private static Row.Sample sample(Start start, ToDoubleFunction<Start> figure) {
    return new Row.Sample(figure.applyAsDouble(start), start.errors(), 0, Double.NaN, Double.NaN);
  }

  private Start start(Callable<Contestant> start) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Resumption.NONE);
    long began = System.nanoTime();
    try (Contestant proxy = start.call()) {
      double ready = (System.nanoTime() - began) / 1e6;
      long before = proxy.cpuMillis();
      Load.Outcome outcome =
          Load.run(
              loops,
              new Load.Plan(
                  proxy.ports().full(),
                  tls,
                  Exchange.ONE_BYTE,
                  Then.CLOSE,
                  settings.concurrency(),
                  TIME,
                  CONNECTIONS));
      Thread.sleep(Rounds.SETTLE.toMillis());
      double each = (proxy.cpuMillis() - before) / (double) outcome.connections();
      List<String> errors =
          outcome.errors().stream().map(why -> proxy.name() + ": " + why).toList();
      return new Start(ready, each, errors);
    }
  }
}
