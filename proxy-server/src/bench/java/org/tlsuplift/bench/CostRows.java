package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.Origin;

/**
 * What watching costs: TLS Uplift with inventory, access log and metrics, beside the same proxy
 * that nothing observes.
 */
final class CostRows {
  private static final String BLIND = "nothing watched";
  private static final String ECDHE = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final long TRANSFER = 16 << 20;

  private static final int TRANSFERS_AT_ONCE = 4;

  private static final List<String> RATES = List.of("cost-full", "cost-down", "cost-up");
  private static final int MEMORY_ROUNDS = 1;
  private static final Duration LONG = Duration.ofMinutes(15);

  /** Longer than the inventory's flush and the JVM's interval of giving memory back. */
  private static final Duration SETTLE = Duration.ofSeconds(20);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Contestants contestants;
  private final DeviceTls tls;

  /** KiB of a process. */
  private record Memory(long pss, long rss, long heap, long devices, List<String> errors) {}

  CostRows(Settings settings, EventLoopGroup loops, Origins origins) throws SSLException {
    this.settings = settings;
    this.loops = loops;
    this.contestants = new Contestants(settings, Origin.Speaks.REQUESTS, origins.ports());
    this.tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
  }

  void measure(List<Row> rows) throws Exception {
    List<String> wanted = settings.costRows();
    List<String> rates = wanted.stream().filter(RATES::contains).toList();
    if (!rates.isEmpty()) {
      rates(rates, rows);
    }
    if (wanted.contains("cost-memory")) {
      memory(rows);
    }
    if (wanted.contains("cost-session")) {
      watchers();
    }
  }

  private void rates(List<String> wanted, List<Row> rows) throws Exception {
    List<Row> measured = wanted.stream().map(CostRows::row).toList();
    rows.addAll(measured);
    new CostRuns(settings, loops, CostRows::onlyWatches)
        .measure(measured, contestants::halfWatched, "cost-full", this::plan);
  }

  private static boolean onlyWatches(String thread) {
    return thread.startsWith("uplift-access-l") || thread.startsWith("uplift-inventor");
  }

  private static Row row(String id) {
    return switch (id) {
      case "cost-full" -> new Row(id, BLIND, "full handshake, watched", "CPU ms", 1.03);
      case "cost-down" -> new Row(id, BLIND, "download, watched", "CPU s/GB", 1.01);
      default -> new Row(id, BLIND, "upload, watched", "CPU s/GB", 1.01);
    };
  }

  private Load.Plan plan(String id, Contestant.Ports ports, Duration time) {
    return switch (id) {
      case "cost-full" -> handshakes(ports, time);
      case "cost-down" -> bulk(ports, Exchange.down(TRANSFER), time);
      default -> bulk(ports, Exchange.up(TRANSFER), time);
    };
  }

  private Load.Plan handshakes(Contestant.Ports ports, Duration time) {
    return new Load.Plan(
        ports.full(),
        tls,
        Exchange.ONE_BYTE,
        Then.CLOSE,
        settings.concurrency(),
        time,
        Integer.MAX_VALUE,
        settings.costDevices(),
        Duration.ZERO);
  }

  private Load.Plan bulk(Contestant.Ports ports, Exchange exchange, Duration time) {
    return new Load.Plan(ports.full(), tls, exchange, Then.REPEAT, TRANSFERS_AT_ONCE, time);
  }

  /** Compares equal handshakes by one device and by many; both are watched. */
  private void memory(List<Row> rows) throws Exception {
    String many = settings.seenDevices() + " devices seen";
    Row pss = new Row("cost-memory-pss", "one device", many + ", watched (PSS)", "MiB", Double.NaN);
    Row rss = new Row("cost-memory-rss", "one device", many + ", watched (RSS)", "MiB", Double.NaN);
    Row heap = new Row("cost-memory-heap", "one device", many + ", heap in use", "MiB", Double.NaN);
    for (int round = 0; round < MEMORY_ROUNDS; round++) {
      Memory one = memory(1);
      Memory all = memory(settings.seenDevices());
      System.out.println("memory " + (round + 1) + ": " + one + " " + all);
      pss.rounds().add(round(one, all, one.pss(), all.pss()));
      rss.rounds().add(round(one, all, one.rss(), all.rss()));
      heap.rounds().add(round(one, all, one.heap(), all.heap()));
    }
    rows.addAll(List.of(pss, rss, heap));
  }

  private static Row.Round round(Memory one, Memory all, long ofOne, long ofAll) {
    return new Row.Round(
        new Row.Sample(ofOne / 1024.0, one.errors(), one.devices(), Double.NaN, Double.NaN),
        new Row.Sample(ofAll / 1024.0, all.errors(), all.devices(), Double.NaN, Double.NaN),
        0);
  }

  private Memory memory(int devices) throws Exception {
    try (Contestant proxy = contestants.watching()) {
      Load.Outcome outcome =
          Load.run(
              loops,
              new Load.Plan(
                  proxy.ports().resuming(),
                  tls,
                  Exchange.ONE_BYTE,
                  Then.CLOSE,
                  settings.concurrency(),
                  LONG,
                  settings.seenDevices(),
                  devices,
                  Duration.ZERO));
      Thread.sleep(SETTLE.toMillis());
      long pss = proxy.pssKib();
      long rss = proxy.rssKib();
      List<String> errors =
          Stream.concat(
                  outcome.errors().stream().map(String::valueOf),
                  outcome.connections() == settings.seenDevices()
                      ? Stream.of()
                      : Stream.of(outcome.connections() + " connections"))
              .toList();
      return new Memory(pss, rss, proxy.heapKib(), devices, errors);
    }
  }

  /** What observers cost without a proxy; prints for itself. */
  private void watchers() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(settings.java());
    command.addAll(settings.javaOptions());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Watchers.class.getName()));
    command.addAll(List.of("300", "20", "60"));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the observers ended with " + process.exitValue());
    }
  }
}
