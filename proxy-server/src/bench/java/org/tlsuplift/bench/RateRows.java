package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;
import org.tlsuplift.bench.DeviceTls.Resumption;
import org.tlsuplift.bench.Load.Then;

/** CPU for each connection and each gigabyte, and latency, of two proxies that are warm. */
final class RateRows {
  private static final String ECDHE = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final String ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";
  private static final String RSA = "TLS_RSA_WITH_AES_128_CBC_SHA";
  private static final double GB = 1e9;
  private static final String SESSIONS = "per CPU s";

  /** So long that handshakes do not count, so short that a round does not overrun by much. */
  private static final long TRANSFER = 16 << 20;

  /**
   * Longer than a session lasts at stunnel, which waits for 200 ms before it greets. Without it the
   * faster proxy would be measured at full load and the other at a fraction of it.
   */
  private static final Duration MAIL_PERIOD = Duration.ofMillis(300);

  private static final int TRANSFERS_AT_ONCE = 4;
  private static final Duration PEER_WARMUP = Duration.ofSeconds(2);
  private static final Duration WARMUP_STEP = Duration.ofSeconds(2);
  private static final int MAX_WARMUPS = 4;
  static final Duration SETTLE = Duration.ofMillis(500);

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Origins origins;
  private final Contestant peer;
  private final Contestant uplift;
  private boolean warm;

  /** The handshakes of TLS Uplift so far. */
  private long handshakes;

  RateRows(
      Settings settings,
      EventLoopGroup loops,
      Origins origins,
      Contestant peer,
      Contestant uplift) {
    this.settings = settings;
    this.loops = loops;
    this.origins = origins;
    this.peer = peer;
    this.uplift = uplift;
  }

  /** Proves that both verify: neither may bring a byte from an origin with a false certificate. */
  void refuseRogueOrigin(Visit visit) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    for (Contestant proxy : List.of(peer, uplift)) {
      var plan =
          new Load.Plan(
              proxy.ports().rogue(), tls, visit, Then.CLOSE, 1, Duration.ofSeconds(10), 1);
      if (Load.run(loops, plan).connections() != 0) {
        throw new IllegalStateException(
            proxy.name() + " accepts an origin that nobody vouches for");
      }
    }
  }

  /** Measures what was asked for and adds a row for each as soon as it is complete. */
  void measure(Origin.Speaks speaks, List<Row> rows) throws Exception {
    for (String id : settings.rows(speaks)) {
      switch (id) {
        case "full" -> {
          add(rows, id, "full handshake, upstream full", "CPU ms", 1.0);
          handshakes(rows, ECDHE, Resumption.NONE, Contestant.Ports::full, origins.full());
        }
        case "ecdsa" -> {
          add(rows, id, "full handshake with ECDSA, upstream full", "CPU ms", 0.6);
          // HAProxy has an RSA leaf only for devices below TLS 1.2.
          DeviceTls tls = DeviceTls.of("TLSv1.2", ECDSA, Resumption.NONE);
          handshakes(rows, tls, Contestant.Ports::full, origins.full());
        }
        case "resumed-upstream" -> {
          add(rows, id, "full handshake, upstream resumed", "CPU ms", 0.85);
          handshakes(rows, ECDHE, Resumption.NONE, Contestant.Ports::resuming, origins.resuming());
        }
        case "rsa" -> {
          add(rows, id, "full handshake by static RSA, upstream resumed", "CPU ms", 0.9);
          handshakes(rows, RSA, Resumption.NONE, Contestant.Ports::resuming, origins.resuming());
        }
        case "ticket" -> {
          add(rows, id, "resumed by ticket, upstream resumed", "CPU ms", 0.65);
          handshakes(
              rows, ECDHE, Resumption.TICKET, Contestant.Ports::resuming, origins.resuming());
        }
        case "session-id" -> {
          add(rows, id, "resumed by session ID, upstream resumed", "CPU ms", 0.65);
          handshakes(
              rows, ECDHE, Resumption.SESSION_ID, Contestant.Ports::resuming, origins.resuming());
        }
        case "down" -> {
          add(rows, id, "download", "CPU s/GB", 1.25);
          bulk(rows, Exchange.down(TRANSFER));
        }
        case "up" -> {
          add(rows, id, "upload", "CPU s/GB", 0.95);
          bulk(rows, Exchange.up(TRANSFER));
        }
        case "latency" -> {
          add(rows, id, "latency to the first byte, added to direct, p50", "ms", 1.0);
          latency(rows);
        }
        case "mail-full" -> {
          add(rows, id, "SMTP sessions, upstream full", SESSIONS, 1.0);
          mail(rows, Contestant.Ports::full, origins.full());
        }
        case "mail-resumed" -> {
          add(rows, id, "SMTP sessions, upstream resumed", SESSIONS, 1.0);
          mail(rows, Contestant.Ports::resuming, origins.resuming());
        }
        case "peak" -> rows.add(peak());
        default -> {}
      }
    }
  }

  private void add(List<Row> rows, String id, String title, String unit, double goal) {
    rows.add(new Row(id, peer.name(), title, unit, goal));
  }

  /** The most memory that each had in the rows before this. */
  private Row peak() {
    Row peak = new Row("peak", peer.name(), "peak memory so far (RSS)", "MiB", Double.NaN);
    peak.rounds().add(new Row.Round(peakOf(peer), peakOf(uplift), handshakes));
    return peak;
  }

  private static Row.Sample peakOf(Contestant proxy) {
    return new Row.Sample(proxy.peakKib() / 1024.0, List.of(), 0, Double.NaN, Double.NaN);
  }

  private void handshakes(
      List<Row> rows,
      String cipher,
      Resumption resumption,
      ToIntFunction<Contestant.Ports> port,
      Origin origin)
      throws Exception {
    handshakes(rows, DeviceTls.of("TLSv1", cipher, resumption), port, origin);
  }

  private void handshakes(
      List<Row> rows, DeviceTls tls, ToIntFunction<Contestant.Ports> port, Origin origin)
      throws Exception {
    rounds(
        rows.get(rows.size() - 1),
        (proxy, time) -> {
          var plan =
              new Load.Plan(
                  port.applyAsInt(proxy.ports()),
                  tls,
                  Exchange.ONE_BYTE,
                  Then.CLOSE,
                  settings.concurrency(),
                  time);
          return cpu(proxy, plan, origin);
        });
  }

  /** At the same pace for both, warm-up excepted. */
  private void mail(List<Row> rows, ToIntFunction<Contestant.Ports> port, Origin origin)
      throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    rounds(
        rows.get(rows.size() - 1),
        (proxy, time) ->
            mail(proxy, port.applyAsInt(proxy.ports()), tls, time, Duration.ZERO, origin),
        (proxy, time) ->
            mail(proxy, port.applyAsInt(proxy.ports()), tls, time, MAIL_PERIOD, origin));
  }

  private Row.Sample mail(
      Contestant proxy, int port, DeviceTls tls, Duration time, Duration period, Origin origin)
      throws InterruptedException {
    var plan =
        new Load.Plan(
            port,
            tls,
            MailVisit.LEAVE,
            Then.CLOSE,
            settings.mailConcurrency(),
            time,
            Integer.MAX_VALUE,
            1,
            period);
    Row.Sample each = cpu(proxy, plan, origin);
    return new Row.Sample(
        1000 / each.value(),
        each.errors(),
        each.work(),
        each.deviceResumed(),
        each.upstreamResumed());
  }

  private void bulk(List<Row> rows, Exchange exchange) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    rounds(
        rows.get(rows.size() - 1),
        (proxy, time) -> {
          var plan =
              new Load.Plan(
                  proxy.ports().full(), tls, exchange, Then.REPEAT, TRANSFERS_AT_ONCE, time);
          return cpu(proxy, plan, origins.full());
        });
  }

  /** Milliseconds for each connection, or seconds for each GB. */
  private Row.Sample cpu(Contestant proxy, Load.Plan plan, Origin origin)
      throws InterruptedException {
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

  private void latency(List<Row> rows) throws Exception {
    DeviceTls old = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    DeviceTls modern = DeviceTls.of("TLSv1.2", Origin.CIPHER, Resumption.NONE);
    p50(origins.resuming().port(), modern, PEER_WARMUP);
    Row through = rows.get(rows.size() - 1);
    rounds(
        through,
        (proxy, time) -> {
          Row.Sample bare = p50(origins.resuming().port(), modern, time.dividedBy(4));
          Row.Sample added = p50(proxy.ports().resuming(), old, time);
          return new Row.Sample(
              added.value() - bare.value(), added.errors(), added.work(), Double.NaN, Double.NaN);
        });
  }

  private Row.Sample p50(int port, DeviceTls tls, Duration time) throws InterruptedException {
    Load.Outcome outcome =
        Load.run(loops, new Load.Plan(port, tls, Exchange.ONE_BYTE, Then.CLOSE, 1, time));
    List<Long> sorted = outcome.latencies();
    return new Row.Sample(
        sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2) / 1e6,
        outcome.errors().stream().map(String::valueOf).toList(),
        outcome.connections(),
        Double.NaN,
        Double.NaN);
  }

  /** Work for some time. */
  @FunctionalInterface
  private interface Work {
    Row.Sample run(Contestant proxy, Duration time) throws Exception;
  }

  private void rounds(Row row, Work work) throws Exception {
    rounds(row, work, work);
  }

  private void rounds(Row row, Work warmUp, Work work) throws Exception {
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
   * Loads the JVM until the time is over, and before the first row until it has seen the handshakes
   * too, because other processes may slow it down.
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
