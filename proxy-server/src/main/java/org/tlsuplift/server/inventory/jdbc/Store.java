package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;
import org.tlsuplift.server.inventory.record.MergeTable;
import org.tlsuplift.server.inventory.record.Row;
import org.tlsuplift.server.inventory.record.Tables;

/**
 * Writes each batch once, in one transaction, with upserts whose order does not matter.
 *
 * <p>If the connection breaks during a commit, the daemon cannot know whether the database
 * committed. Each run of a daemon therefore writes the number of its last batch in the same
 * transaction. Not thread-safe.
 */
public final class Store {
  private final Database database;
  private final int maxDevices;
  private final MessageStore messages;
  private final String run = UUID.randomUUID().toString();

  /**
   * Writes to this database.
   *
   * @param maxDevices the approximate limit of devices
   * @param maxMessages the approximate limit of messages
   */
  public Store(Database database, int maxDevices, int maxMessages) {
    this.database = database;
    this.maxDevices = maxDevices;
    this.messages = new MessageStore(maxMessages);
  }

  /**
   * Writes a batch, unless the database already has it. Blocks.
   *
   * @return the number of new devices that were dropped because the inventory is full
   */
  public int write(Batch batch) throws SQLException {
    return database.runTogether(sql -> written(sql) < batch.number() ? write(sql, batch) : 0);
  }

  /** Sets the names of known devices, by address. */
  public void name(Map<String, String> names) throws SQLException {
    database.change(
        sql ->
            sql.batch(
                "UPDATE device SET name = ? WHERE address = ? AND name <> ?",
                // In the order of addresses: Delta has the reason.
                new TreeMap<>(names).entrySet(),
                named -> List.of(named.getValue(), named.getKey(), named.getValue())));
  }

  /** The address keys of the devices whose latest failure was with an EC key. */
  public List<String> ecRefusals() throws SQLException {
    return database.run(
        sql ->
            sql.list(
                "SELECT address_key FROM device WHERE ec_failed_at > rsa_failed_at",
                row -> row.getString(1)));
  }

  private int write(Sql sql, Batch batch) throws SQLException {
    List<Delta.DeviceRows> all = batch.delta().devices();
    List<Delta.DeviceRows> devices = withRoom(sql, all);
    List<String> addresses = addresses(devices);
    upsert(sql, Tables.DEVICE, rows(devices, device -> List.of(device.device())));
    upsert(sql, Tables.FACT, rows(devices, Delta.DeviceRows::facts));
    forgetFacts(sql, addresses);
    upsert(sql, Tables.ORIGIN, rows(devices, Delta.DeviceRows::origins));
    forgetOrigins(sql, addresses);
    upsert(sql, Tables.DAY, rows(devices, Delta.DeviceRows::days));
    upsert(sql, Tables.NEED, rows(devices, Delta.DeviceRows::needs));
    upsert(sql, Tables.SLOT, batch.delta().slots());
    upsert(sql, Tables.WATCH, batch.delta().watches());
    messages.write(sql, batch.delta().messages());
    upsert(sql, Tables.MESSAGE_DAY, MessageStore.ofKnownDevices(sql, batch.delta().messageDays()));
    note(sql, batch.number());
    return all.size() - devices.size();
  }

  private static List<Row> rows(
      List<Delta.DeviceRows> devices, Function<Delta.DeviceRows, List<Row>> rows) {
    List<Row> all = new ArrayList<>();
    for (Delta.DeviceRows device : devices) {
      all.addAll(rows.apply(device));
    }
    return all;
  }

  private static List<String> addresses(List<Delta.DeviceRows> devices) {
    List<String> addresses = new ArrayList<>();
    for (Delta.DeviceRows device : devices) {
      addresses.add(device.address().text());
    }
    return addresses;
  }

  private static void upsert(Sql sql, MergeTable table, List<Row> rows) throws SQLException {
    sql.batch(table.upsert(), rows, table::values);
  }

  /** A device with too many values of a kind. */
  private record Overfull(String address, String kind) {}

  /** Keeps only the latest values of the kinds that a device can invent. */
  private static void forgetFacts(Sql sql, List<String> addresses) throws SQLException {
    if (addresses.isEmpty()) {
      return;
    }
    String kinds =
        Arrays.stream(FactKind.values())
            .filter(FactKind::isOpen)
            .map(Selection::quoted)
            .collect(Collectors.joining(", "));
    List<Overfull> overfull =
        sql.listIn(
            """
            SELECT address, kind FROM device_fact WHERE address IN (?) AND kind IN (%s)
            GROUP BY address, kind HAVING count(*) > %s ORDER BY address, kind\
            """
                .formatted(kinds, FactKind.MAX_VALUES),
            row -> new Overfull(row.getString(1), row.getString(2)),
            addresses);
    sql.batch(
        """
        DELETE FROM device_fact WHERE address = ? AND kind = ? AND value IN (
        SELECT value FROM device_fact WHERE address = ? AND kind = ?
        ORDER BY last_seen DESC, value DESC LIMIT 1000000 OFFSET %s)\
        """
            .formatted(FactKind.MAX_VALUES),
        overfull,
        each -> List.of(each.address(), each.kind(), each.address(), each.kind()));
  }

  /**
   * Keeps only so many origins of a device, because it can invent them: those with the latest
   * problems, then those with the latest successes.
   */
  private static void forgetOrigins(Sql sql, List<String> addresses) throws SQLException {
    List<String> overfull =
        sql.listIn(
            """
            SELECT address FROM device_origin WHERE address IN (?)
            GROUP BY address HAVING count(DISTINCT origin) > %s ORDER BY address\
            """
                .formatted(FactKind.MAX_VALUES),
            row -> row.getString(1),
            addresses);
    sql.batch(
        """
        DELETE FROM device_origin WHERE address = ? AND origin IN (
        SELECT origin FROM device_origin WHERE address = ? GROUP BY origin
        ORDER BY max(CASE WHEN kind <> '%1$s' THEN last_seen ELSE 0 END) DESC,
        max(CASE WHEN kind = '%1$s' THEN last_seen ELSE 0 END) DESC,
        origin DESC LIMIT 1000000 OFFSET %2$s)\
        """
            .formatted(Success.KIND, FactKind.MAX_VALUES),
        overfull,
        address -> List.of(address, address));
  }

  /** Those of these addresses that are in the inventory. */
  static Set<String> known(Sql sql, Collection<String> addresses) throws SQLException {
    return new HashSet<>(
        sql.listIn(
            "SELECT address FROM device WHERE address IN (?)", row -> row.getString(1), addresses));
  }

  /** The known devices, and as many new ones as the limit allows. */
  private List<Delta.DeviceRows> withRoom(Sql sql, List<Delta.DeviceRows> devices)
      throws SQLException {
    long room = maxDevices - sql.number("SELECT count(*) FROM device");
    if (room >= devices.size()) {
      return devices;
    }
    Set<String> known = known(sql, addresses(devices));
    long[] left = {room};
    return devices.stream()
        .filter(device -> known.contains(device.address().text()) || left[0]-- > 0)
        .toList();
  }

  private long written(Sql sql) throws SQLException {
    return sql.number("SELECT batch FROM inventory_writer WHERE run = ?", run);
  }

  private void note(Sql sql, long batch) throws SQLException {
    sql.update(
        "INSERT INTO inventory_writer (run, batch, written_at) VALUES (?, ?, ?) ON CONFLICT (run)"
            + " DO UPDATE SET batch = excluded.batch, written_at = excluded.written_at",
        run,
        batch,
        Instant.now().toEpochMilli());
  }
}
