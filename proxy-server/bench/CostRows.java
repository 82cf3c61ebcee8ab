package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.tlsuplift.bench.DeviceTls.Resumption;
import org.tlsuplift.bench.Load.Then;

/**
 * What watching costs: TLS Uplift with inventory, access log and metrics, beside the same proxy
 * that nothing observes.
 */
final class CostRows {
  private static final String BLIND = "nothing watched";
  private static final String ECDHE = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final long TRANSFER = 16 << 20;
  private static final int TRANSFERS_AT_ONCE = 4;
  private static final double GB = 1e9;
  private static final int MEMORY_ROUNDS = 1;
  private static final Duration LONG = Duration.ofMinutes(15);

  /** Longer than the inventory's flush and the JVM's interval of giving memory back. */
  private static final Duration SETTLE = Duration.ofSeconds(20);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Origins origins;
  private final Contestants contestants;
  private final DeviceTls tls;

  /** KiB of a process. */
  private record Memory(long pss, long rss, long heap, long devices, List<String> errors) {}

  CostRows(Settings settings, EventLoopGroup loops, Origins origins) throws SSLException {
    this.settings = settings;
    this.loops = loops;
    this.origins = origins;
    this.contestants = new Contestants(settings, Origin.Speaks.REQUESTS, origins.ports());
    this.tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
  }

  void measure(List<Row> rows) throws Exception {
    List<String> wanted = settings.costRows();
    if (wanted.stream().anyMatch(row -> !row.equals("cost-memory"))) {
      try (Contestant blind = contestants.blind();
          Contestant watching = contestants.watching()) {
        Map<String, Long> before = watching.cpuMillisByThread();
        rates(wanted, new RateRows(settings, loops, origins, blind, watching, true), rows);
        threads(before, watching.cpuMillisByThread());
      }
    }
    if (wanted.contains("cost-memory")) {
      memory(rows);
    }
  }

  /** Which threads took the CPU, warm-up included: less in doubt than what two processes took. */
  private static void threads(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> used = new TreeMap<>();
    after.forEach((name, millis) -> used.put(name, millis - before.getOrDefault(name, 0L)));
    long all = used.values().stream().mapToLong(Long::longValue).sum();
    System.out.println("CPU of the threads of the one that is watched, of " + all + " ms of all:");
    used.forEach(
        (name, millis) -> {
          if (millis * 2000 >= all) {
            System.out.printf("  %-15s %6d ms %5.1f %%%n", name, millis, 100.0 * millis / all);
          }
        });
  }

  private void rates(List<String> wanted, RateRows rates, List<Row> rows) throws Exception {
    for (String id : wanted) {
      switch (id) {
        case "cost-full" -> {
          Row row = new Row(id, BLIND, "full handshake, watched", "CPU ms", 1.03);
          rows.add(row);
          rates.rounds(
              row, (proxy, time) -> rates.cpu(proxy, handshakes(proxy, time), origins.full(), 1));
        }
        case "cost-down" -> {
          Row row = new Row(id, BLIND, "download, watched", "CPU s/GB", 1.01);
          rows.add(row);
          rates.rounds(row, bulk(rates, Exchange.down(TRANSFER)));
        }
        case "cost-up" -> {
          Row row = new Row(id, BLIND, "upload, watched", "CPU s/GB", 1.01);
          rows.add(row);
          rates.rounds(row, bulk(rates, Exchange.up(TRANSFER)));
        }
        default -> {}
      }
    }
  }

  private Load.Plan handshakes(Contestant proxy, Duration time) {
    return new Load.Plan(
        proxy.ports().full(),
        tls,
        Exchange.ONE_BYTE,
        Then.CLOSE,
        settings.concurrency(),
        time,
        Integer.MAX_VALUE,
        settings.costDevices(),
        Duration.ZERO);
  }

  private RateRows.Work bulk(RateRows rates, Exchange exchange) {
    return (proxy, time) ->
        rates.cpu(
            proxy,
            new Load.Plan(
                proxy.ports().full(), tls, exchange, Then.REPEAT, TRANSFERS_AT_ONCE, time),
            origins.full(),
            GB);
  }

  /** The same handshakes by one device and by many; both are watched. */
  private void memory(List<Row> rows) throws Exception {
    String many = settings.seenDevices() + " devices seen";
    Row pss = new Row("cost-memory-pss", "one device", many + ", watched (PSS)", "MiB", Double.NaN);
    Row rss = new Row("cost-memory-rss", "one device", many + ", watched (RSS)", "MiB", Double.NaN);
    Row heap =
        new Row("cost-memory-heap", "one device", many + ", heap in use", "MiB", Double.NaN);
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
        new Row.Sample(ofAll / 1024.0, all.errors(), all.devices(), Double.NaN, Double.NaN));
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
}
