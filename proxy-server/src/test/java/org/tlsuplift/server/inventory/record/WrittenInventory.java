package org.tlsuplift.server.inventory.record;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.jdbc.JdbcInventory;
import org.tlsuplift.server.inventory.jdbc.JdbcMessages;
import org.tlsuplift.server.inventory.jdbc.Store;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.Messages;

/** An inventory with a past: what was seen is written as of any time. */
public final class WrittenInventory implements AutoCloseable {
  private final Database database;
  private final Store store;
  private final Inventory inventory;
  private final List<Sighting> sightings = new ArrayList<>();
  private final List<MessageRecord> messages = new ArrayList<>();
  private long batches;

  /** What a device does. */
  public enum Does {
    TLS_1_0,
    /** TLS 1.2 with TLS_RSA alone. */
    ONLY_TLS_RSA,
    /** TLS 1.2 with DHE. */
    NO_ACCEPTED_SUITE,
    /** TLS 1.2 with ECDHE and CBC, terminated here. */
    CBC_BRIDGED,
    /** TLS 1.2 with ECDHE and CBC, tunnelled. */
    CBC_TUNNELLED,
    /** TLS 1.3. */
    MODERN,
    PLAINTEXT,
    /** It refuses our certificate. */
    DISTRUST
  }

  public WrittenInventory(Path file, VerdictRules rules, Instant now) throws Exception {
    this(new DatabasePlace.Embedded(file), rules, now);
  }

  public WrittenInventory(DatabasePlace place, VerdictRules rules, Instant now) throws Exception {
    database = Database.forWriting(place);
    database.createFile();
    database.migrate(DeviceInventory.SCHEMA);
    store = new Store(database, 1_000_000, 10_000);
    inventory = new JdbcInventory(database, rules, Map.of(), Clock.fixed(now, ZoneOffset.UTC));
  }

  /** Notes what a device did; {@link #write} writes it. */
  public WrittenInventory saw(String device, Instant at, String listener, Does does) {
    sightings.add(sighting(device, at, listener, does, ""));
    return this;
  }

  /** Notes what a device called itself, in TLS 1.0. */
  public WrittenInventory sawNamed(String device, Instant at, String listener, String name) {
    sightings.add(sighting(device, at, listener, Does.TLS_1_0, name));
    return this;
  }

  /** Notes that the mail origin refused a device. */
  public WrittenInventory refused(String device, Instant at, String listener, OriginReply reply) {
    sightings.add(Sightings.refused(device, at, listener, reply));
    return this;
  }

  /** Notes successes of a device at the same mail origin. */
  public WrittenInventory succeeded(String device, Instant at, Success... successes) {
    sightings.add(Sightings.succeeded(device, at, new HostPort("origin.example", 587), successes));
    return this;
  }

  /** Notes a session that failed. */
  public WrittenInventory failed(String device, Instant at, String listener, CloseReason reason) {
    sightings.add(
        Sightings.sighting(device, at, listener, true, null, null, false, "", reason.label()));
    return this;
  }

  private static Sighting sighting(
      String device, Instant at, String listener, Does does, String name) {
    return switch (does) {
      case TLS_1_0 -> tls(device, at, listener, Sightings.TLS_1_0, "OLD", true, name);
      case ONLY_TLS_RSA -> tls(device, at, listener, Sightings.STATIC_RSA, "RSA", true, name);
      case NO_ACCEPTED_SUITE -> tls(device, at, listener, Sightings.NO_SUITE, "DHE", true, name);
      case CBC_BRIDGED -> tls(device, at, listener, cbc(), CBC, true, name);
      case CBC_TUNNELLED -> tls(device, at, listener, cbc(), CBC, false, name);
      case MODERN ->
          tls(device, at, listener, Sightings.MODERN, "TLS_AES_128_GCM_SHA256", true, name);
      case PLAINTEXT -> Sightings.sighting(device, at, listener, true, null, null, true, name, "");
      case DISTRUST ->
          Sightings.sighting(
              device,
              at,
              listener,
              true,
              Sightings.TLS_1_0,
              null,
              false,
              name,
              "certificate_rejected");
    };
  }

  private static final String CBC = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";

  private static ClientHello cbc() {
    return Sightings.hello(TlsVersion.TLS_1_2, "t12c", 0xc013);
  }

  private static Sighting tls(
      String device,
      Instant at,
      String listener,
      ClientHello hello,
      String suite,
      boolean bridged,
      String name) {
    return new Sighting(
        Sightings.address(device),
        at.toEpochMilli(),
        listener,
        true,
        null,
        hello,
        new TlsParameters(hello.newestVersion().orElseThrow(), suite, null),
        bridged,
        null,
        false,
        name,
        "",
        null,
        Set.of(),
        Set.of(),
        Set.of(),
        10,
        100);
  }

  /** Writes that a listener was watched. */
  public WrittenInventory watched(String listener, Instant from, Instant to, long dropped)
      throws SQLException {
    Delta delta = new Delta(1);
    LongAdder drops = new LongAdder();
    SettableClock clock = new SettableClock(from);
    WatchRows notes = new WatchRows(Set.of(listener), drops, clock);
    delta.watched(notes.take());
    while (clock.instant().isBefore(to)) {
      Instant next = clock.instant().plus(Duration.ofMinutes(5));
      clock.set(next.isAfter(to) ? to : next);
      if (!next.isBefore(to)) {
        drops.add(dropped);
      }
      delta.watched(notes.take());
    }
    store.write(new Batch(++batches, delta));
    return this;
  }

  public WrittenInventory write() throws SQLException {
    Delta delta = new Delta(1_000_000);
    sightings.forEach(delta::add);
    sightings.clear();
    messages.forEach(delta::add);
    messages.clear();
    store.write(new Batch(++batches, delta));
    return this;
  }

  /** Names a device that is written already. */
  public WrittenInventory named(String device, String name) throws SQLException {
    store.name(Map.of(device, name));
    return this;
  }

  /** Notes a message; {@link #write} writes it. */
  public WrittenInventory sent(MessageRecord message) {
    messages.add(message);
    return this;
  }

  public Messages messages() {
    return new JdbcMessages(database);
  }

  public Inventory inventory() {
    return inventory;
  }

  @Override
  public void close() {
    database.close();
  }
}
