package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.function.ToIntFunction;
import org.tlsuplift.bench.load.DeviceTls;
import org.tlsuplift.bench.load.DeviceTls.Resumption;
import org.tlsuplift.bench.load.Exchange;
import org.tlsuplift.bench.load.Load;
import org.tlsuplift.bench.load.Load.Then;
import org.tlsuplift.bench.load.MailVisit;
import org.tlsuplift.bench.load.Origin;
import org.tlsuplift.bench.load.Visit;

/** CPU for each connection and each gigabyte, and latency, of two proxies that are warm. */
final class RateRows {
  private static final String ECDHE = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final String ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";
  private static final String RSA = "TLS_RSA_WITH_AES_128_CBC_SHA";
  private static final String SESSIONS = "per CPU s";

  /** So long that handshakes do not count, so short that a round does not overrun by much. */
  private static final long TRANSFER = 16 << 20;

  /**
   * Longer than a session lasts at stunnel, which waits for 200 ms before it greets. Without it the
   * faster proxy would be measured at full load and the other at a fraction of it.
   */
  private static final Duration MAIL_PERIOD = Duration.ofMillis(300);

  private static final int TRANSFERS_AT_ONCE = 4;

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Origins origins;
  private final Contestant peer;
  private final Contestant uplift;
  private final Rounds rounds;

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
    this.rounds = new Rounds(settings, loops, peer, uplift);
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

  /** One row for origins that accept one key exchange only, and the size of each hello. */
  void measure(KeyExchange keyExchange, List<Row> rows) throws Exception {
    String title = "full handshake, upstream full with " + keyExchange.group();
    add(rows, keyExchange.row(), title, "CPU ms", Double.NaN);
    handshakes(rows, ECDHE, Resumption.NONE, Contestant.Ports::full, origins.full());
    for (Contestant proxy : List.of(peer, uplift)) {
      Load.run(
          loops,
          new Load.Plan(
              proxy.ports().full(),
              DeviceTls.of("TLSv1", ECDHE, Resumption.NONE),
              Exchange.ONE_BYTE,
              Then.CLOSE,
              1,
              Duration.ofSeconds(10),
              1));
      System.out.printf(
          "  ClientHello of %s: %d bytes%n", proxy.name(), origins.full().helloBytes());
    }
  }

  private void add(List<Row> rows, String id, String title, String unit, double goal) {
    rows.add(new Row(id, peer.name(), title, unit, goal));
  }

  /** The most memory that each had in the rows before this. */
  private Row peak() {
    Row peak = new Row("peak", peer.name(), "peak memory so far (RSS)", "MiB", Double.NaN);
    peak.rounds().add(new Row.Round(peakOf(peer), peakOf(uplift), rounds.handshakes()));
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
    rounds.run(
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
          return rounds.cpu(proxy, plan, origin);
        });
  }

  /** At the same pace for both, warm-up excepted. */
  private void mail(List<Row> rows, ToIntFunction<Contestant.Ports> port, Origin origin)
      throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    rounds.run(
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
    Row.Sample each = rounds.cpu(proxy, plan, origin);
    return new Row.Sample(
        1000 / each.value(),
        each.errors(),
        each.work(),
        each.deviceResumed(),
        each.upstreamResumed());
  }

  private void bulk(List<Row> rows, Exchange exchange) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    rounds.run(
        rows.get(rows.size() - 1),
        (proxy, time) -> {
          var plan =
              new Load.Plan(
                  proxy.ports().full(), tls, exchange, Then.REPEAT, TRANSFERS_AT_ONCE, time);
          return rounds.cpu(proxy, plan, origins.full());
        });
  }

  private void latency(List<Row> rows) throws Exception {
    DeviceTls old = DeviceTls.of("TLSv1", ECDHE, Resumption.NONE);
    DeviceTls modern = DeviceTls.of("TLSv1.2", Origin.CIPHER, Resumption.NONE);
    p50(origins.resuming().port(), modern, Rounds.PEER_WARMUP);
    Row through = rows.get(rows.size() - 1);
    rounds.run(
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
}
