package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.ReadOnlyInventory;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/** Who still needs the upgrade is written down, by one daemon or several, and not lost. */
class InventoryIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final CurlDevice OLD = new CurlDevice("1.0", "AES128-SHA");
  private static final CurlDevice STATIC_RSA = new CurlDevice("1.2", "AES128-SHA");
  private static final CurlDevice MODERN = new CurlDevice("1.2", "ECDHE-RSA-AES256-GCM-SHA384");

  /** The devices of one test. Other tests may have others in the same inventory. */
  private static final String SUBNET = "127.0.0.0/24";

  private static TestCa ca;
  private static Site origin;
  private static Daemon common;

  /** Each test has a schema of its own there. */
  private static @Nullable Postgres postgres;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    common = Daemon.start(lab, config(""));
  }

  /** Without PostgreSQL, only the tests that need it are skipped. */
  private static Postgres postgres() {
    if (postgres == null) {
      postgres = lab.add(Postgres.start());
    }
    return postgres;
  }

  private static String config(String inventory) {
    return """
    devices: {allow: [127.0.0.0/8], names: {127.0.0.2: "=printer"}, reverseDns: false}
    listeners:
      - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
      - {name: outlook, bind: "127.0.0.1:0", accept: fixed, origin: "localhost:%d", profile: legacy}
      - {name: mail, bind: "127.0.0.1:0", accept: fixed, protocol: smtp, origin: "localhost:%d", profile: legacy}
    routes:
      - {to: ["localhost:1024-65535"], action: bridge}
    upstream: {trust: "%s"}
    inventory: {flushInterval: 200ms}
    %s
    """
        .formatted(origin.port(), Loopback.closedPort(lab), ca.file(), inventory);
  }

  private static String shared(DatabasePlace.PostgreSql place) {
    return config(
        "database: {url: \"%s\", user: %s, passwordFile: \"%s\"}\n"
            .formatted(place.url(), place.user(), postgres().passwordFile()));
  }

  @Test
  void everyDeviceIsListedWithItsVerdict() {
    Daemon daemon = common;
    Way way = Way.connect(daemon, "web", origin.byName());
    visit(OLD, way, 2).succeeded();
    visit(OLD, way, 2).succeeded();
    visit(STATIC_RSA, way, 3).succeeded();
    visit(MODERN, way.trusting(origin.identity().certificateFile()), 4).succeeded();
    assertThat(visit(OLD, way.trusting(ca.file()), 5).exit()).isNotZero();
    introduce(daemon, 6, "<script>alert(1)</script>");

    awaitSessions(embedded(daemon), DeviceFilter.ALL.in(Cidr.parse(SUBNET)), 6);
    // Names are looked up beside the sightings and may be written after them.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> texts(json(daemon, "--subnet", SUBNET), "name").contains("=printer"));
    JsonNode devices = json(daemon, "--sort", "address", "--subnet", SUBNET);
    assertThat(texts(devices, "address"))
        .containsExactly("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6");
    assertThat(texts(devices, "verdictText"))
        .containsExactly(
            "needs upgrade: TLS 1.0 only",
            "needs upgrade: TLS 1.2 but only TLS_RSA",
            "ready: speaks TLS 1.2+ ECDHE",
            "needs upgrade: TLS 1.0 only",
            "unknown: no session reached TLS");
    assertThat(texts(devices, "trustsCa"))
        .containsExactly("yes", "yes", "unknown", "no", "unknown");
    assertThat(texts(devices, "latestFailure"))
        .containsExactly("", "", "", "certificate_rejected", "origin_unreachable");
    JsonNode old = devices.get(0);
    assertThat(old.path("name").asText()).isEqualTo("=printer");
    assertThat(old.path("legacyHandshakes").asLong()).isEqualTo(2);
    assertThat(old.path("latestVersion").asText()).isEqualTo("TLSv1");
    assertThat(old.path("latestSuite").asText()).isEqualTo("TLS_RSA_WITH_AES_128_CBC_SHA");
    assertThat(old.path("ja4").asText()).startsWith("t10d");
    assertThat(old.path("serverName").asText()).isEqualTo("localhost");
    assertThat(old.path("bytesUp").asLong()).isPositive();
    assertThat(old.path("waysIn").get(0).asText()).isEqualTo("http-connect");
    assertThat(old.path("destinations").get(0).asText()).isEqualTo(origin.byName());
    assertThat(devices.get(4).path("introduction").asText()).isEqualTo("<script>alert(1)</script>");

    assertThat(texts(json(daemon, "--verdict", "needs_upgrade", "--listener", "web"), "address"))
        .containsExactly("127.0.0.2", "127.0.0.3", "127.0.0.5");
    assertThat(texts(json(daemon, "--subnet", "127.0.0.4/31", "--descending"), "address"))
        .containsExactly("127.0.0.5", "127.0.0.4");
    assertThat(devices(daemon, "--csv").output()).contains("\n127.0.0.2,'=printer,too_old,");
    assertThat(devices(daemon, "--subnet", SUBNET).output())
        .contains("5 devices: 2 too_old, 1 only_tls_rsa, 1 ready, 1 unknown");
    assertThat(devices(daemon, "127.0.0.5").output())
        .contains("trusts CA    no", "ways in      http-connect", "certificate_rejected");
    assertThat(daemon.metrics().sum("tlsuplift_inventory_dropped_total")).isZero();
  }

  @Test
  void recognisesAnOldNodeByItsFingerprint() {
    String elsewhere = "127.0.2.0/24";
    String script =
        "require('tls').connect({port: %d, localAddress: '127.0.2.1', servername: 'localhost',"
            + " rejectUnauthorized: false}, process.exit)";
    Run.of(List.of(Peers.node("8"), "-e", script.formatted(common.listener("outlook").getPort())))
        .succeeded();
    awaitSessions(embedded(common), DeviceFilter.ALL.in(Cidr.parse(elsewhere)), 1);
    assertThat(json(common, "--subnet", elsewhere).get(0).path("suggests").asText())
        .isEqualTo("Node.js 4 to 8 (OpenSSL 1.0.2)");
  }

  @Test
  void keepsWrittenSessionsAfterKillAndWritesTheRestAtStop() {
    String yaml = config("");
    Daemon daemon = Daemon.start(lab, yaml);
    for (int i = 0; i < 3; i++) {
      visit(OLD, Way.connect(daemon, "web", origin.byName()), 2).succeeded();
    }
    awaitSessions(daemon, 3);
    daemon.kill();

    Daemon second = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml);
    visit(OLD, Way.connect(second, "web", origin.byName()), 2).succeeded();
    awaitSessions(second, 4);
    second.terminate();
    assertThat(second.awaitExit(Duration.ofSeconds(20))).isZero();

    // An interval that never comes: only an orderly end writes.
    Daemon third = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml.replace("200ms", "5m"));
    visit(OLD, Way.connect(third, "web", origin.byName()), 2).succeeded();
    third.terminate();
    assertThat(third.awaitExit(Duration.ofSeconds(20))).isZero();
    awaitSessions(third, 5);
  }

  @Test
  void aKilledDaemonLosesTheLastFlushIntervalAtMost() {
    Duration interval = Duration.ofMillis(500);
    // The machine is shared: to fold and write may take a moment beyond the interval.
    Duration slack = Duration.ofSeconds(1);
    String yaml = config("").replace("200ms", "500ms");
    Daemon daemon = Daemon.start(lab, yaml);
    Way way = Way.connect(daemon, "web", origin.byName());
    List<Long> ends = new ArrayList<>();
    long start = System.nanoTime();
    while (System.nanoTime() - start < slack.plus(interval).multipliedBy(2).toNanos()) {
      visit(OLD, way, 2).succeeded();
      ends.add(System.nanoTime());
    }
    long killed = System.nanoTime();
    daemon.kill();

    long due = killed - interval.plus(slack).toNanos();
    long written = ends.stream().filter(end -> end < due).count();
    assertThat(written).isPositive();
    assertThat(json(daemon).get(0).path("sessions").asLong())
        .isBetween(written, (long) ends.size());
  }

  @Test
  void twoDaemonsAddUpInOneDatabase() {
    String schema = postgres().newSchema();
    DatabasePlace.PostgreSql place = postgres().place(schema);
    // Both make the tables, at the same time.
    List<Daemon> daemons =
        Stream.of(1, 2)
            .map(number -> AtOnce.supply(() -> Daemon.start(lab, shared(place))))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    for (int i = 0; i < 4; i++) {
      for (Daemon daemon : daemons) {
        visit(OLD, Way.connect(daemon, "web", origin.byName()), 2).succeeded();
      }
    }
    awaitSessions(place, 8);
    assertThat(json(daemons.get(1)).get(0).path("legacyHandshakes").asLong()).isEqualTo(8);
    String slots = schema + ".listener_slot WHERE width = 86400";
    assertThat(postgres().ask("SELECT sum(sessions) FROM " + slots)).isEqualTo("8");
    assertThat(postgres().ask("SELECT count(*) FROM " + schema + ".inventory_writer"))
        .isEqualTo("2");
  }

  @Test
  void aDatabaseOutageLosesNoSession() throws Exception {
    Postgres postgres = postgres();
    DatabasePlace.PostgreSql place = postgres.place(postgres.newSchema());
    Daemon daemon = Daemon.start(lab, shared(place));
    Way way = Way.connect(daemon, "web", origin.byName());
    visit(OLD, way, 2).succeeded();
    awaitSessions(place, 1);

    AtomicInteger visits = new AtomicInteger(1);
    // As many as each step needs, some of which are under way when the database goes or comes.
    Semaphore due = new Semaphore(0);
    AtomicBoolean enough = new AtomicBoolean();
    List<CompletableFuture<Void>> load = new ArrayList<>();
    for (int device = 2; device <= 3; device++) {
      int last = device;
      load.add(
          AtOnce.run(
              () -> {
                due.acquireUninterruptibly();
                while (!enough.get()) {
                  visit(OLD, way, last).succeeded();
                  visits.incrementAndGet();
                  due.acquireUninterruptibly();
                }
              }));
    }
    due.release(30);
    awaitVisits(visits, 10);
    int mark = daemon.mark();
    postgres.kill();
    daemon.awaitOutput(mark, "cannot be written");
    await().until(() -> daemon.metrics().sum("tlsuplift_inventory_away") == 1);
    Run unread = devices(daemon);
    assertThat(unread.exit()).isEqualTo(1);
    assertThat(unread.output()).contains("cannot be read", "jdbc:postgresql:", "refused");
    due.release(40);
    awaitVisits(visits, 20);
    postgres.startAgain();
    daemon.awaitOutput(mark, "is reachable again");
    due.release(20);
    awaitVisits(visits, 10);
    enough.set(true);
    due.release(load.size());
    CompletableFuture.allOf(load.toArray(CompletableFuture[]::new)).join();

    awaitSessions(place, visits.get());
    assertThat(daemon.metrics().sum("tlsuplift_inventory_dropped_total")).isZero();
    assertThat(daemon.metrics().sum("tlsuplift_inventory_away")).isZero();
    assertThat(daemon.output().substring(mark).split("cannot be written", -1)).hasSize(2);
    // They are counted every ten seconds, also after a count that failed.
    String[] tooOld = {"verdict", "too_old"};
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> daemon.metrics().sum("tlsuplift_devices", tooOld) == 2);
  }

  @Test
  void aDisabledInventoryWritesNoFile() {
    Daemon daemon =
        Daemon.start(lab, config("").replaceAll("inventory: .*", "inventory: {enabled: false}"));
    visit(OLD, Way.connect(daemon, "web", origin.byName()), 2).succeeded();
    assertThat(Daemon.data(daemon.folder()).resolve("inventory.db")).doesNotExist();
    assertThat(devices(daemon).exit()).isEqualTo(1);
  }

  private static void awaitVisits(AtomicInteger visits, int more) {
    int until = visits.get() + more;
    await().until(() -> visits.get() >= until);
  }

  /** A visit from 127.0.0.last. */
  private static Run visit(CurlDevice device, Way way, int last) {
    return device.attempt(way, "--interface", "127.0.0." + last);
  }

  /** A real mail program says who it is; nobody is there to take its mail. */
  private static void introduce(Daemon daemon, int last, String name) {
    Run.of(
        List.of(
            Peers.require("swaks"),
            "--server",
            "127.0.0.1",
            "--port",
            String.valueOf(daemon.listener("mail").getPort()),
            "--local-interface",
            "127.0.0." + last,
            "--ehlo",
            name,
            "--to",
            "a@example.com",
            "--from",
            "b@example.com"));
  }

  private static DatabasePlace embedded(Daemon daemon) {
    return new DatabasePlace.Embedded(Daemon.data(daemon.folder()).resolve("inventory.db"));
  }

  private static void awaitSessions(Daemon daemon, long sessions) {
    awaitSessions(embedded(daemon), sessions);
  }

  private static void awaitSessions(DatabasePlace place, long sessions) {
    awaitSessions(place, DeviceFilter.ALL, sessions);
  }

  private static void awaitSessions(DatabasePlace place, DeviceFilter filter, long sessions) {
    try (ReadOnlyInventory inventory =
        ReadOnlyInventory.open(place, VerdictRules.defaults(), Map.of())) {
      DeviceQuery some = new DeviceQuery(filter, DeviceSort.ADDRESS, false, 0, 100);
      // The daemon may not have made the tables yet.
      await()
          .atMost(Duration.ofSeconds(40))
          .pollInterval(Duration.ofMillis(50))
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(
                          inventory.inventory().devices(some).devices().stream()
                              .mapToLong(DeviceRecord::sessions)
                              .sum())
                      .isEqualTo(sessions));
    } catch (SQLException failed) {
      throw new AssertionError(failed);
    }
  }

  private static List<String> texts(JsonNode devices, String key) {
    return StreamSupport.stream(devices.spliterator(), false)
        .map(device -> device.path(key).asText())
        .toList();
  }

  private static JsonNode json(Daemon daemon, String... options) {
    List<String> all = new ArrayList<>(List.of("--json"));
    all.addAll(List.of(options));
    String output = devices(daemon, all.toArray(String[]::new)).succeeded().output();
    try {
      return new ObjectMapper().readTree(output);
    } catch (JsonProcessingException wrong) {
      throw new AssertionError(output, wrong);
    }
  }

  private static Run devices(Daemon daemon, String... options) {
    String config = Daemon.config(daemon.folder()).toString();
    return CommandLineRun.of(
        Stream.concat(Stream.of("devices", "--config", config), Stream.of(options))
            .toArray(String[]::new));
  }
}
