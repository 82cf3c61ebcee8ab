package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Schedules;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabaseCopy;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceNaming;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.InventorySettings;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessageRetention;
import org.tlsuplift.server.inventory.record.Sightings;
import org.tlsuplift.server.inventory.record.Trail;
import org.tlsuplift.server.testing.Postgres;

/** The inventory of a daemon whose database is not well treated. */
@OneJdk
@Timeout(300)
class DeviceInventoryTest {
  private static final Duration OFTEN = Duration.ofMillis(50);

  /** Looks for names each 50 ms. */
  @AutoClose private final Schedule schedule = Schedules.fast(40);

  @TempDir Path folder;
  private final AtomicLong sessions = new AtomicLong();

  private DeviceInventory start(DatabasePlace place) {
    return start(place, Database.forWriting(place));
  }

  private DeviceInventory start(DatabasePlace place, Database database) {
    return DeviceInventory.start(settings(place), database, schedule);
  }

  private static InventorySettings settings(DatabasePlace place) {
    return new InventorySettings(
        place,
        Map.of("web", "http-connect"),
        new DeviceNaming(Map.of(Sightings.address("10.0.0.1"), "printer"), false),
        OFTEN,
        Duration.ofDays(365),
        1000,
        new MessageRetention(Duration.ofDays(30), 1000),
        VerdictRules.defaults());
  }

  private void see(DeviceInventory inventory, String device) {
    SessionObserver session =
        inventory
            .observer()
            .sessionOpened(
                new SessionId(sessions.incrementAndGet()),
                "web",
                new InetSocketAddress(Sightings.address(device), 5000));
    session.plaintextAccepted(MailProtocol.SMTP);
  }

  private static List<DeviceRecord> records(DeviceInventory inventory) throws SQLException {
    return inventory
        .inventory()
        .devices(new DeviceQuery(DeviceFilter.ALL, DeviceSort.ADDRESS, false, 0, 100))
        .devices();
  }

  private static List<String> devices(DeviceInventory inventory) throws SQLException {
    return records(inventory).stream()
        .map(device -> device.address() + " " + device.name())
        .toList();
  }

  private static void awaitDevices(DeviceInventory inventory, String... expected) {
    await()
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> assertThat(devices(inventory)).containsExactly(expected));
  }

  @Test
  void auditRecordsArePassedOnWhileTheDatabaseIsUnreachable() throws Exception {
    CountDownLatch received = new CountDownLatch(2);
    Path missing = folder.resolve("missing/inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(missing))) {
      inventory.keepAudit(
          database -> {
            received.countDown();
            database.receive(List.of());
          });
      assertThat(received.await(60, TimeUnit.SECONDS)).as("the access log gets them").isTrue();
    }
  }

  @Test
  void aMessageIsWrittenSoonAfterItsEnd() throws Exception {
    Path file = folder.resolve("inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      see(inventory, "10.0.0.1");
      inventory.messageEnded(Trail.accepted("10.0.0.1", Instant.now(), "@fabrikam.com"));
      await()
          .ignoreExceptionsInstanceOf(SQLException.class)
          .until(() -> inventory.messages().page(MessageFilter.ALL, 0, 1).total() == 1);
      assertThat(inventory.silentSenders()).isEmpty();
      assertThat(inventory.dropped()).isZero();
    }
  }

  @Test
  void aReaderWhoComesBeforeTheTablesWaitsForThem() throws Exception {
    DatabasePlace place = new DatabasePlace.Embedded(folder.resolve("inventory.db"));
    try (DeviceInventory inventory = DeviceInventory.open(settings(place), schedule)) {
      FutureTask<List<DeviceRecord>> reading = new FutureTask<>(() -> records(inventory));
      Thread reader = new Thread(reading);
      reader.start();
      await().until(() -> reading.isDone() || reader.getState() == Thread.State.TIMED_WAITING);

      inventory.start();

      assertThat(reading).succeedsWithin(Duration.ofSeconds(60)).asInstanceOf(LIST).isEmpty();
    }
  }

  @Test
  void remembersDevicesThatRefusedAnEcKeyAfterARestart() throws Exception {
    DatabasePlace place = new DatabasePlace.Embedded(folder.resolve("inventory.db"));
    try (DeviceInventory inventory = start(place)) {
      failHandshake(inventory, "10.0.0.1", LeafKey.EC);
      failHandshake(inventory, "10.0.0.2", LeafKey.EC);
      failHandshake(inventory, "10.0.0.3", LeafKey.RSA);
      failHandshake(inventory, "2001:db8::4", LeafKey.EC);
      awaitDevices(inventory, "10.0.0.1 printer", "10.0.0.2 ", "10.0.0.3 ", "2001:db8::4 ");
      Instant once = Instant.now();
      await().until(() -> Instant.now().toEpochMilli() > once.toEpochMilli());
      failHandshake(inventory, "10.0.0.2", LeafKey.RSA);
    }
    Set<InetAddress> refusals = ConcurrentHashMap.newKeySet();
    try (DeviceInventory inventory = start(place)) {
      inventory.reportEcRefusals(refusals::add);
      await()
          .untilAsserted(
              () ->
                  assertThat(refusals)
                      .containsExactlyInAnyOrder(
                          Sightings.address("10.0.0.1"), Sightings.address("2001:db8::4")));
      assertThat(records(inventory))
          .extracting(device -> device.ecRefusedAt() != null)
          .containsExactly(true, false, false, true);
    }
  }

  private void failHandshake(DeviceInventory inventory, String device, LeafKey key) {
    SessionId id = new SessionId(sessions.incrementAndGet());
    InetSocketAddress address = new InetSocketAddress(Sightings.address(device), 5000);
    SessionObserver session = inventory.observer().sessionOpened(id, "web", address);
    DeviceHandshake failed =
        new DeviceHandshake(HandshakeOutcome.CERTIFICATE_REJECTED, null, Duration.ZERO, "", key);
    session.deviceHandshake(failed);
    session.closed(
        new SessionSummary(
            id,
            "web",
            address,
            Instant.now(),
            Duration.ZERO,
            null,
            null,
            Action.BRIDGE,
            CloseReason.DEVICE_HANDSHAKE_FAILED,
            "",
            failed,
            null,
            null,
            0,
            0));
  }

  @Test
  void anotherConfigurationBringsItsNamesListenersAndRules() throws Exception {
    Path file = folder.resolve("inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      see(inventory, "10.0.0.1");
      see(inventory, "10.0.0.2");
      awaitDevices(inventory, "10.0.0.1 printer", "10.0.0.2 ");
      assertThat(records(inventory))
          .first()
          .satisfies(
              device -> {
                assertThat(device.verdict()).isEqualTo(Verdict.NO_ENCRYPTION);
                assertThat(device.waysIn()).containsExactly("http-connect");
              });

      inventory.replace(
          Map.of("web", "transparent"),
          new DeviceNaming(
              Map.of(Sightings.address("10.0.0.1"), "copier", Sightings.address("10.0.0.2"), "fax"),
              false),
          new VerdictRules(Duration.ofMillis(1), Duration.ofMillis(1)));

      awaitDevices(inventory, "10.0.0.1 copier", "10.0.0.2 fax");
      assertThat(records(inventory))
          .first()
          .satisfies(
              device -> {
                assertThat(device.verdict()).isEqualTo(Verdict.NOT_SEEN);
                assertThat(device.waysIn()).containsExactly("transparent");
              });
    }
  }

  @Test
  void aDeletedFileIsCreatedAgainWithLaterSightings() throws Exception {
    Path file = folder.resolve("inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      see(inventory, "10.0.0.1");
      awaitDevices(inventory, "10.0.0.1 printer");

      Files.delete(file);
      see(inventory, "10.0.0.2");
      awaitDevices(inventory, "10.0.0.2 ");
      see(inventory, "10.0.0.1");
      awaitDevices(inventory, "10.0.0.1 printer", "10.0.0.2 ");

      assertThat(file).exists();
      assertThat(inventory.isUnreachable()).isFalse();
      assertThat(inventory.dropped()).isZero();
    }
  }

  @Test
  void aDeletedFileIsCreatedAgainWithoutSightings() throws Exception {
    Path file = folder.resolve("inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      see(inventory, "10.0.0.1");
      awaitDevices(inventory, "10.0.0.1 printer");
      Files.delete(file);
      await().until(() -> Files.exists(file));
      awaitDevices(inventory);
    }
  }

  @Test
  void aFileThatIsReplacedIsUsed() throws Exception {
    Path file = folder.resolve("inventory.db");
    Path other = folder.resolve("other.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(other))) {
      see(inventory, "10.0.0.7");
      awaitDevices(inventory, "10.0.0.7 ");
    }
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      see(inventory, "10.0.0.1");
      awaitDevices(inventory, "10.0.0.1 printer");

      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
      awaitDevices(inventory, "10.0.0.7 ");
      see(inventory, "10.0.0.2");
      awaitDevices(inventory, "10.0.0.2 ", "10.0.0.7 ");
    }
    try (DeviceInventory again = start(new DatabasePlace.Embedded(file))) {
      awaitDevices(again, "10.0.0.2 ", "10.0.0.7 ");
    }
  }

  @Test
  void aServerThatHangsDoesNotHoldUpTheEnd() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String url = "jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/inventory";
      DeviceInventory inventory = start(new DatabasePlace.PostgreSql(url, "uplift", "secret"));
      see(inventory, "10.0.0.1");
      silent.accept();

      long began = System.nanoTime();
      inventory.close();

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(2500));
    }
  }

  @Test
  void aDatabaseThatHangsDoesNotHoldUpTheEnd() {
    try (Postgres postgres = Postgres.start()) {
      DeviceInventory inventory =
          start(new DatabasePlace.PostgreSql(postgres.url(), postgres.user(), postgres.password()));
      see(inventory, "10.0.0.1");
      awaitDevices(inventory, "10.0.0.1 printer");
      postgres.hang();
      see(inventory, "10.0.0.2");

      long began = System.nanoTime();
      inventory.close();

      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(4));
    }
  }

  /**
   * An inventory as a killed daemon of the previous version leaves it: its devices are only in the
   * write-ahead log, and the start must change the schema.
   */
  private Path killedWith(String device) throws Exception {
    Path running = folder.resolve("running.db");
    Path killed = folder.resolve("inventory.db");
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(running))) {
      see(inventory, device);
      awaitDevices(inventory, device + " printer");
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + running);
          Statement earlier = connection.createStatement()) {
        earlier.execute(
            "DELETE FROM tlsuplift_schema_history"
                + " WHERE version IN ('4', '5', '6', '7', '8', '9', '10', '11')");
        earlier.execute("DROP INDEX device_by_introduction");
        earlier.execute("DROP TABLE report_due");
        for (String column : List.of("owner", "place", "tags", "note")) {
          earlier.execute("ALTER TABLE device DROP COLUMN " + column);
        }
        earlier.execute("DROP TABLE acknowledgement");
        earlier.execute("DROP TABLE account_sign_in");
        earlier.execute("DROP TABLE audit");
        earlier.execute("DROP TABLE device_origin");
        earlier.execute("ALTER TABLE device DROP COLUMN ec_failed_at");
        earlier.execute("ALTER TABLE device DROP COLUMN rsa_failed_at");
        for (String suffix : List.of("", "-wal")) {
          Files.copy(Path.of(running + suffix), Path.of(killed + suffix));
        }
      }
    }
    return killed;
  }

  @Test
  void aLockDuringTheStartLosesNoDevice() throws Exception {
    Path file = killedWith("10.0.0.1");
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement lock = other.createStatement()) {
      lock.execute("BEGIN IMMEDIATE");
      DatabasePlace place = new DatabasePlace.Embedded(file);
      try (DeviceInventory inventory = start(place, Database.forWriting(place, OFTEN))) {
        awaitFailures(inventory);
        lock.execute("ROLLBACK");
        awaitDevices(inventory, "10.0.0.1 printer");
        assertThat(inventory.dropped()).isZero();
      }
    }
    assertThat(DatabaseCopy.isIntact(file)).isTrue();
  }

  @Test
  void anErrorOfTheDiskDuringTheStartLosesNoDevice() throws Exception {
    Path file = killedWith("10.0.0.1");
    // SQLite follows no link, and so cannot create its shared memory.
    Path blocked = Files.createSymbolicLink(Path.of(file + "-shm"), folder.resolve("missing"));
    try (DeviceInventory inventory = start(new DatabasePlace.Embedded(file))) {
      awaitFailures(inventory);
      Files.delete(blocked);
      awaitDevices(inventory, "10.0.0.1 printer");
      assertThat(inventory.dropped()).isZero();
    }
    assertThat(DatabaseCopy.isIntact(file)).isTrue();
  }

  /** Reads as a page does while attempts of the start fail. */
  private static void awaitFailures(DeviceInventory inventory) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              boolean away = inventory.isUnreachable();
              try {
                var unused = devices(inventory);
              } catch (SQLException unreadable) {
                assertThat(unreadable.getMessage()).doesNotContain("\n");
              }
              return away;
            });
  }
}
