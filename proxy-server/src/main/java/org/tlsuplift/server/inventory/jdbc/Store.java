package org.tlsuplift.server.inventory.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;
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
  private static final int MAX_ASKED = 500;

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
    return database.runTogether(
        handle -> written(handle) < batch.number() ? write(handle, batch) : 0);
  }

  /** Sets the names of known devices, by address. */
  public void name(Map<String, String> names) throws SQLException {
    database.runTogether(
        handle -> {
          PreparedBatch updates =
              handle.prepareBatch(
                  "UPDATE device SET name = :name WHERE address = :address AND name <> :name");
          // In the order of addresses: Delta has the reason.
          new TreeMap<>(names)
              .forEach(
                  (address, name) -> updates.bind("address", address).bind("name", name).add());
          return updates.execute();
        });
  }

  /** The address keys of the devices whose latest failure was with an EC key. */
  public List<String> ecRefusals() throws SQLException {
    return database.run(
        handle ->
            handle
                .createQuery("SELECT address_key FROM device WHERE ec_failed_at > rsa_failed_at")
                .mapTo(String.class)
                .list());
  }

  private int write(Handle handle, Batch batch) throws SQLException {
    List<Delta.DeviceRows> all = batch.delta().devices();
    List<Delta.DeviceRows> devices = withRoom(handle, all);
    upsert(handle, Tables.DEVICE, devices.stream().map(Delta.DeviceRows::device).toList());
    upsert(handle, Tables.FACT, rows(devices, Delta.DeviceRows::facts));
    forgetFacts(handle, devices);
    upsert(handle, Tables.ORIGIN, rows(devices, Delta.DeviceRows::origins));
    forgetOrigins(handle, devices);
    upsert(handle, Tables.DAY, rows(devices, Delta.DeviceRows::days));
    upsert(handle, Tables.NEED, rows(devices, Delta.DeviceRows::needs));
    upsert(handle, Tables.SLOT, batch.delta().slots());
    upsert(handle, Tables.WATCH, batch.delta().watches());
    messages.write(handle, batch.delta().messages());
    upsert(
        handle,
        Tables.MESSAGE_DAY,
        MessageStore.ofKnownDevices(handle, batch.delta().messageDays()));
    note(handle, batch.number());
    return all.size() - devices.size();
  }

  private static List<Row> rows(
      List<Delta.DeviceRows> devices, Function<Delta.DeviceRows, List<Row>> rows) {
    return devices.stream().flatMap(device -> rows.apply(device).stream()).toList();
  }

  /** Uses plain JDBC, because JDBI needs about three times as long for a batch. */
  private static void upsert(Handle handle, MergeTable table, List<Row> rows) throws SQLException {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(table.upsert())) {
      for (Row row : rows) {
        table.bind(statement, row);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** A device with too many values of a kind. */
  private record Overfull(String address, String kind) {}

  /** Keeps only the latest values of the kinds that a device can invent. */
  private static void forgetFacts(Handle handle, List<Delta.DeviceRows> devices) {
    String kinds =
        Arrays.stream(FactKind.values())
            .filter(FactKind::isOpen)
            .map(Selection::quoted)
            .collect(Collectors.joining(", "));
    List<Overfull> overfull =
        query(
            handle,
            "SELECT address, kind FROM device_fact WHERE address IN (<addresses>) AND kind IN ("
                + kinds
                + ") GROUP BY address, kind HAVING count(*) > "
                + FactKind.MAX_VALUES
                + " ORDER BY address, kind",
            devices,
            (row, context) -> new Overfull(row.getString(1), row.getString(2)));
    PreparedBatch deletes =
        handle.prepareBatch(
            "DELETE FROM device_fact WHERE address = :address AND kind = :kind AND value IN"
                + " (SELECT value FROM device_fact WHERE address = :address AND kind = :kind"
                + " ORDER BY last_seen DESC, value DESC LIMIT 1000000 OFFSET "
                + FactKind.MAX_VALUES
                + ")");
    overfull.forEach(
        each -> deletes.bind("address", each.address()).bind("kind", each.kind()).add());
    deletes.execute();
  }

  /**
   * Keeps only so many origins of a device, because it can invent them: those with the latest
   * problems, then those with the latest successes.
   */
  private static void forgetOrigins(Handle handle, List<Delta.DeviceRows> devices) {
    List<String> overfull =
        query(
            handle,
            "SELECT address FROM device_origin WHERE address IN (<addresses>) GROUP BY address"
                + " HAVING count(DISTINCT origin) > "
                + FactKind.MAX_VALUES
                + " ORDER BY address",
            devices,
            (row, context) -> row.getString(1));
    PreparedBatch deletes =
        handle.prepareBatch(
            "DELETE FROM device_origin WHERE address = :address AND origin IN (SELECT origin FROM"
                + " device_origin WHERE address = :address GROUP BY origin ORDER BY"
                + latest("<>")
                + latest("=")
                + " origin DESC LIMIT 1000000 OFFSET "
                + FactKind.MAX_VALUES
                + ")");
    overfull.forEach(address -> deletes.bind("address", address).add());
    deletes.execute();
  }

  private static String latest(String isSuccess) {
    return " max(CASE WHEN kind %s '%s' THEN last_seen ELSE 0 END) DESC,"
        .formatted(isSuccess, Success.KIND);
  }

  /** Runs the query for a few hundred addresses at a time, in the order of the devices. */
  private static <T> List<T> query(
      Handle handle, String sql, List<Delta.DeviceRows> devices, RowMapper<T> mapper) {
    List<T> found = new ArrayList<>();
    for (int from = 0; from < devices.size(); from += MAX_ASKED) {
      List<String> addresses =
          devices.subList(from, Math.min(devices.size(), from + MAX_ASKED)).stream()
              .map(device -> device.address().text())
              .toList();
      found.addAll(handle.createQuery(sql).bindList("addresses", addresses).map(mapper).list());
    }
    return found;
  }

  /** The known devices, and as many new ones as the limit allows. */
  private List<Delta.DeviceRows> withRoom(Handle handle, List<Delta.DeviceRows> devices) {
    long room = maxDevices - number(handle, "SELECT count(*) FROM device");
    if (room >= devices.size()) {
      return devices;
    }
    Set<String> known =
        new HashSet<>(
            query(
                handle,
                "SELECT address FROM device WHERE address IN (<addresses>)",
                devices,
                (row, context) -> row.getString(1)));
    long[] left = {room};
    return devices.stream()
        .filter(device -> known.contains(device.address().text()) || left[0]-- > 0)
        .toList();
  }

  private long written(Handle handle) {
    return number(handle, "SELECT batch FROM inventory_writer WHERE run = ?", run);
  }

  private static long number(Handle handle, String sql, Object... parameters) {
    return handle.select(sql, parameters).mapTo(long.class).findFirst().orElse(0L);
  }

  private void note(Handle handle, long batch) {
    handle.execute(
        "INSERT INTO inventory_writer (run, batch, written_at) VALUES (?, ?, ?) ON CONFLICT (run)"
            + " DO UPDATE SET batch = excluded.batch, written_at = excluded.written_at",
        run,
        batch,
        Instant.now().toEpochMilli());
  }
}
