package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private static final int MAX_WARMUPS = 8;
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

  /** Fresh processes: how a JVM has compiled its code differs from run to run. */
  private void rates(List<String> wanted, List<Row> rows) throws Exception {
    List<Row> measured = wanted.stream().map(CostRows::row).toList();
    rows.addAll(measured);
    for (int run = 1; run <= settings.costRuns(); run++) {
      try (Contestants.Halves halves = contestants.halves()) {
        System.out.println("run " + run);
        Turns turns = new Turns(loops, halves);
        for (Row row : measured) {
          System.out.println(row.title());
          warmUp(turns, row.id());
          Map<String, Long> before = halves.watched().cpuNanosByThread();
          for (int round = 0; round < settings.rounds(); round++) {
            Row.Round last = turns.run(plan(row.id(), settings.round()));
            row.rounds().add(last);
            System.out.printf(
                "  %d: %.3f %.3f %s, ratio %.3f%n",
                round + 1, last.peer().value(), last.uplift().value(), row.unit(), last.ratio());
          }
          threads(before, halves.watched().cpuNanosByThread());
        }
      }
    }
  }

  /** As long as the settings say; of handshakes there must be so many too. */
  private void warmUp(Turns turns, String id) throws Exception {
    long end = System.nanoTime() + settings.warmup().multipliedBy(MAX_WARMUPS).toNanos();
    Duration half = settings.warmup().dividedBy(2);
    long done = 0;
    do {
      Row.Round round = turns.run(plan(id, half));
      done += round.peer().work() + round.uplift().work();
    } while (id.equals("cost-full")
        && done < settings.warmupHandshakes()
        && System.nanoTime() < end);
    System.out.println("  warm after " + done + (id.equals("cost-full") ? "" : " bytes"));
  }

  private static Row row(String id) {
    return switch (id) {
      case "cost-full" -> new Row(id, BLIND, "full handshake, watched", "CPU ms", 1.03);
      case "cost-down" -> new Row(id, BLIND, "download, watched", "CPU s/GB", 1.01);
      default -> new Row(id, BLIND, "upload, watched", "CPU s/GB", 1.01);
    };
  }

  private Turns.Planned plan(String id, Duration time) {
    Duration each = time.dividedBy(Turns.OF_EACH);
    return switch (id) {
      case "cost-full" -> ports -> handshakes(ports, each);
      case "cost-down" -> ports -> bulk(ports, Exchange.down(TRANSFER), each);
      default -> ports -> bulk(ports, Exchange.up(TRANSFER), each);
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

  /** Which threads took the CPU in all rounds of a row, of both. */
  private static void threads(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> used = new TreeMap<>();
    after.forEach((name, nanos) -> used.put(name, nanos - before.getOrDefault(name, 0L)));
    long all = used.values().stream().mapToLong(Long::longValue).sum();
    System.out.printf("  threads, of %.0f ms:%n", all / 1e6);
    used.forEach(
        (name, nanos) -> {
          if (nanos * 5000 >= all) {
            System.out.printf(
                "    %-15s %8.1f ms %6.2f %%%n", name, nanos / 1e6, 100.0 * nanos / all);
          }
        });
  }

  /** The same handshakes by one device and by many; both are watched. */
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
