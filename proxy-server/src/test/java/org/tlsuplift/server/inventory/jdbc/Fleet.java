package org.tlsuplift.server.inventory.jdbc;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;
import org.tlsuplift.server.inventory.record.Row;
import org.tlsuplift.server.inventory.record.Sighting;
import org.tlsuplift.server.inventory.record.Trail;
import org.tlsuplift.server.inventory.record.WatchRows;

/**
 * An inventory of many devices that came over the last 40 days, the same for the same seed: for
 * tests of what reads it. Some call themselves what an attacker would.
 */
public final class Fleet implements AutoCloseable {
  /** What the first devices call themselves. */
  public static final List<String> HOSTILE =
      List.of(
          "<script>document.title='owned'</script>",
          "\"><img src=x onerror=\"document.title='owned'\">",
          "' onmouseover='document.title=1",
          "=HYPERLINK(\"http://203.0.113.9/\",\"invoice\")",
          "printer\u202egpj.exe",
          "one\u0000two\u0007three\r\nfour\u200bfive\u2028six",
          "</title></td></table><base href=//203.0.113.9>",
          "${7*7}{{7*7}}%0a<%= 7*7 %>",
          "x".repeat(255));

  public static final List<String> LISTENERS = List.of("web", "submission", "mailbox", "antique");

  private static final int MESSAGES = 60;
  private static final Duration WATCHED = Duration.ofDays(45);

  private static final Offer[] OFFERS = {
    new Offer(
        TlsVersion.TLS_1_0, 6, "t10d080400_c491f621fb4c_195413a0cc0f", List.of(0x002f, 0x0035)),
    new Offer(
        TlsVersion.TLS_1_1, 3, "t11d080400_8224643150cc_51f6d7389324", List.of(0x002f, 0x0035)),
    new Offer(TlsVersion.SSL_3, 1, "s30d040000_0a1b2c3d4e5f_000000000000", List.of(0x0005, 0x000a)),
    new Offer(
        TlsVersion.TLS_1_2, 5, "t12d060600_7f6e5d4c3b2a_e7c285222651", List.of(0x009c, 0x002f)),
    new Offer(TlsVersion.TLS_1_2, 1, "t12d020600_1f2e3d4c5b6a_e7c285222651", List.of(0x009e)),
    new Offer(
        TlsVersion.TLS_1_2, 30, "t12d210700_a2460661a67a_36cef8aed422", List.of(0xc02f, 0xc030)),
    new Offer(
        TlsVersion.TLS_1_3, 54, "t13d3012h2_1d37bd780c83_ecd0401ec68b", List.of(0x1301, 0xc02f))
  };

  private static final List<HostPort> DESTINATIONS =
      List.of(
          new HostPort("outlook.office365.com", 443),
          new HostPort("smtp.office365.com", 587),
          new HostPort("imap-legacy.office365.com", 993),
          new HostPort("graph.microsoft.com", 443));

  private static final List<String> FAILURES =
      List.of("certificate_rejected", "closed", "no_shared_version", "origin_unreachable");

  private record Offer(TlsVersion newest, int share, String ja4, List<Integer> suites) {
    ClientHello hello(String serverName) {
      return new ClientHello(
          newest == TlsVersion.SSL_3 ? ClientHello.Framing.SSL_2 : ClientHello.Framing.TLS,
          List.of(newest),
          suites,
          serverName,
          false,
          List.of(),
          List.of(),
          List.of(),
          false,
          200,
          ja4);
    }
  }

  private final Database database;
  private final Inventory inventory;

  private Fleet(Database database, Instant now) {
    this.database = database;
    this.inventory =
        new JdbcInventory(
            database,
            VerdictRules.defaults(),
            Map.of("web", "http-connect", "submission", "fixed", "mailbox", "fixed"),
            Clock.fixed(now, ZoneOffset.UTC));
  }

  /**
   * Writes one and opens it.
   *
   * @param file a database that is not there yet
   * @param now the moment up to which they came
   */
  public static Fleet create(Path file, int devices, Instant now) {
    try {
      DatabasePlace place = new DatabasePlace.Embedded(file);
      Database database = Database.forWriting(place);
      database.createFile();
      database.migrate(DeviceInventory.SCHEMA);
      Delta delta = new Delta(devices);
      Map<String, String> names = new TreeMap<>();
      Random random = new Random(devices);
      for (int i = 0; i < devices; i++) {
        InetAddress address = address(i);
        sessions(random, i, address, now).forEach(delta::add);
        String name =
            i < HOSTILE.size()
                ? HOSTILE.get(i)
                : i % 7 == 0 ? "" : "prn-%05d.floor%d.corp.example".formatted(i, i % 9);
        names.put(address.getHostAddress(), name);
      }
      for (int i = 0; i < Math.min(devices, MESSAGES); i++) {
        delta.add(message(i, now.minus(Duration.ofMinutes(i))));
      }
      for (Duration since = WATCHED; !since.isNegative(); since = since.minusMinutes(30)) {
        delta.watched(watched(now.minus(since)));
      }
      Store store = new Store(database, devices, 1000);
      store.write(new Batch(1, delta));
      store.name(names);
      return new Fleet(database, now);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** What the devices sent: some with a hostile sender, some refused. */
  private static MessageRecord message(int n, Instant at) {
    boolean refused = n % 5 == 0;
    return Trail.message(
        address(n).getHostAddress(),
        at,
        n < HOSTILE.size() ? HOSTILE.get(n) : "prn-%05d@contoso.com".formatted(n),
        List.of("@fabrikam.com"),
        refused ? MessageOutcome.REFUSED : MessageOutcome.ACCEPTED,
        refused ? "sender_not_allowed" : "",
        refused ? "550 5.7.60 not allowed" : "250 2.0.0 Ok: queued as " + n);
  }

  /** That all listeners were watched for half an hour. */
  private static List<Row> watched(Instant at) {
    SettableClock clock = new SettableClock(at);
    WatchRows notes = new WatchRows(Set.copyOf(LISTENERS), new LongAdder(), clock);
    notes.take();
    clock.set(at.plus(Duration.ofMinutes(4)));
    return notes.take();
  }

  public static InetAddress address(int n) {
    try {
      return InetAddress.getByAddress(
          new byte[] {10, (byte) (1 + n / 2500), (byte) (n % 2500 / 250), (byte) (n % 250 + 1)});
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static List<Sighting> sessions(Random random, int n, InetAddress device, Instant now) {
    Offer offer = offer(random);
    boolean legacy = offer.newest().isLegacy();
    String listener = LISTENERS.get(legacy ? random.nextInt(4) : random.nextInt(3));
    HostPort target = DESTINATIONS.get(LISTENERS.indexOf(listener));
    boolean gone = random.nextInt(12) == 0;
    boolean silent = random.nextInt(40) == 0;
    boolean refuses = legacy && random.nextInt(5) == 0;
    boolean plain = !legacy && random.nextInt(150) == 0;
    String failure =
        refuses
            ? FAILURES.get(random.nextInt(2))
            : silent ? FAILURES.get(random.nextInt(FAILURES.size())) : "";
    Duration back =
        gone ? Duration.ofDays(31) : Duration.ofSeconds((long) (60_000 * random.nextDouble()));
    List<Sighting> sessions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Instant at = now.minus(back).minus(Duration.ofMinutes(random.nextInt(25) + 1500L * i * i));
      ClientHello hello = silent ? null : offer.hello(target.host());
      TlsParameters agreed =
          silent || refuses || plain
              ? null
              : new TlsParameters(
                  offer.newest(),
                  legacy ? "TLS_RSA_WITH_AES_128_CBC_SHA" : "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                  null);
      sessions.add(
          new Sighting(
              device,
              at.toEpochMilli(),
              listener,
              true,
              target,
              plain ? null : hello,
              agreed,
              legacy,
              null,
              plain,
              introduction(n, listener),
              failure,
              null,
              replies(random, listener),
              Set.of(),
              Set.of(),
              random.nextInt(100_000),
              random.nextInt(1_000_000)));
    }
    return sessions;
  }

  private static @Nullable Offer pick(int at) {
    int sum = 0;
    for (Offer offer : OFFERS) {
      sum += offer.share();
      if (at < sum) {
        return offer;
      }
    }
    return null;
  }

  private static Offer offer(Random random) {
    Offer picked = pick(random.nextInt(100));
    return picked == null ? OFFERS[0] : picked;
  }

  private static String introduction(int n, String listener) {
    return n < HOSTILE.size() ? HOSTILE.get(n) : listener.equals("web") ? "" : "prn" + n;
  }

  private static Set<OriginReply> replies(Random random, String listener) {
    return listener.equals("submission") && random.nextInt(50) == 0
        ? Set.of(
            random.nextBoolean() ? OriginReply.SMTP_AUTH_DISABLED : OriginReply.BAD_CREDENTIALS)
        : Set.of();
  }

  public Inventory inventory() {
    return inventory;
  }

  @Override
  public void close() {
    database.close();
  }
}
