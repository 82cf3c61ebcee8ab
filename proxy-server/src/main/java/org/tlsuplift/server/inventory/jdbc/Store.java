package org.tlsuplift.server.inventory.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
import java.util.stream.Collectors;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.Delta;

/**
 * Writes batches: each in one transaction, by upserts that commute, and none twice.
 *
 * <p>A connection may be lost while the database commits, and then nobody here knows whether it
 * did. So each run of a daemon notes in the same transaction which of its batches is the last one
 * written. For one thread.
 */
public final class Store {
  private static final int MAX_ASKED = 500;

  private final Database database;
  private final int maxDevices;
  private final String run = UUID.randomUUID().toString();

  public Store(Database database, int maxDevices) {
    this.database = database;
    this.maxDevices = maxDevices;
  }

  /**
   * Writes a batch, unless it has been written.
   *
   * @return how many devices had no room and were left out
   */
  public int write(Batch batch) throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        int left = written(connection) < batch.number() ? write(connection, batch) : 0;
        connection.commit();
        return left;
      } catch (SQLException | RuntimeException failed) {
        rollBack(connection, failed);
        throw failed;
      }
    }
  }

  /** Names devices, those that are there; by address. */
  public void name(Map<String, String> names) throws SQLException {
    String sql = "UPDATE device SET name = ? WHERE address = ? AND name <> ?";
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        // In the order of addresses: see Delta.
        for (Map.Entry<String, String> each : new TreeMap<>(names).entrySet()) {
          statement.setString(1, each.getValue());
          statement.setString(2, each.getKey());
          statement.setString(3, each.getValue());
          statement.addBatch();
        }
        statement.executeBatch();
        connection.commit();
      } catch (SQLException failed) {
        rollBack(connection, failed);
        throw failed;
      }
    }
  }

  private static void rollBack(Connection connection, Exception because) {
    try {
      connection.rollback();
    } catch (SQLException alsoFailed) {
      because.addSuppressed(alsoFailed);
    }
  }

  private int write(Connection connection, Batch batch) throws SQLException {
    List<Delta.DeviceRows> all = batch.delta().devices();
    List<Delta.DeviceRows> devices = withRoom(connection, all);
    upsert(connection, Tables.DEVICE, devices.stream().map(Delta.DeviceRows::device).toList());
    upsert(
        connection,
        Tables.FACT,
        devices.stream().flatMap(device -> device.facts().stream()).toList());
    forgetFacts(connection, devices);
    upsert(
        connection,
        Tables.DAY,
        devices.stream().flatMap(device -> device.days().stream()).toList());
    upsert(
        connection,
        Tables.NEED,
        devices.stream().flatMap(device -> device.needs().stream()).toList());
    upsert(connection, Tables.SLOT, batch.delta().slots());
    upsert(connection, Tables.WATCH, batch.delta().watches());
    note(connection, batch.number());
    return all.size() - devices.size();
  }

  private static void upsert(Connection connection, MergeTable table, List<Row> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(table.upsert())) {
      for (Row row : rows) {
        table.bind(statement, row);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Keeps of what a device can make up at will what was seen last. */
  private static void forgetFacts(Connection connection, List<Delta.DeviceRows> devices)
      throws SQLException {
    String older =
        "DELETE FROM device_fact WHERE address = ? AND kind = ? AND value IN (SELECT value FROM"
            + " device_fact WHERE address = ? AND kind = ? ORDER BY last_seen DESC, value DESC"
            + " LIMIT 1000000 OFFSET "
            + FactKind.MAX_VALUES
            + ")";
    List<Overfull> overfull = overfull(connection, devices);
    if (overfull.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(older)) {
      for (Overfull each : overfull) {
        statement.setString(1, each.address());
        statement.setString(2, each.kind());
        statement.setString(3, each.address());
        statement.setString(4, each.kind());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** A device with too many values of a kind. */
  private record Overfull(String address, String kind) {}

  /** Of these devices; in the order of their addresses. */
  private static List<Overfull> overfull(Connection connection, List<Delta.DeviceRows> devices)
      throws SQLException {
    List<Overfull> overfull = new ArrayList<>();
    String kinds =
        Arrays.stream(FactKind.values())
            .filter(FactKind::isOpen)
            .map(kind -> "'" + kind.label() + "'")
            .collect(Collectors.joining(", "));
    for (int from = 0; from < devices.size(); from += MAX_ASKED) {
      List<Delta.DeviceRows> some =
          devices.subList(from, Math.min(devices.size(), from + MAX_ASKED));
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT address, kind FROM device_fact WHERE address IN ("
                  + marks(some)
                  + ") AND kind IN ("
                  + kinds
                  + ") GROUP BY address, kind HAVING count(*) > "
                  + FactKind.MAX_VALUES
                  + " ORDER BY address, kind")) {
        bind(statement, some);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            overfull.add(new Overfull(rows.getString(1), rows.getString(2)));
          }
        }
      }
    }
    return overfull;
  }

  private static String marks(List<Delta.DeviceRows> devices) {
    return "?, ".repeat(devices.size() - 1) + "?";
  }

  private static void bind(PreparedStatement statement, List<Delta.DeviceRows> devices)
      throws SQLException {
    for (int i = 0; i < devices.size(); i++) {
      statement.setString(i + 1, devices.get(i).address().text());
    }
  }

  /** Those that are known, and as many new ones as there is room for. */
  private List<Delta.DeviceRows> withRoom(Connection connection, List<Delta.DeviceRows> devices)
      throws SQLException {
    long room = maxDevices - count(connection);
    if (room >= devices.size()) {
      return devices;
    }
    Set<String> known = known(connection, devices);
    long[] left = {room};
    return devices.stream()
        .filter(device -> known.contains(device.address().text()) || left[0]-- > 0)
        .toList();
  }

  private static Set<String> known(Connection connection, List<Delta.DeviceRows> devices)
      throws SQLException {
    Set<String> known = new HashSet<>();
    for (int from = 0; from < devices.size(); from += MAX_ASKED) {
      List<Delta.DeviceRows> some =
          devices.subList(from, Math.min(devices.size(), from + MAX_ASKED));
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT address FROM device WHERE address IN (" + marks(some) + ")")) {
        bind(statement, some);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            known.add(rows.getString(1));
          }
        }
      }
    }
    return known;
  }

  private static long count(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM device");
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private long written(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT batch FROM inventory_writer WHERE run = ?")) {
      statement.setString(1, run);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  private void note(Connection connection, long batch) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO inventory_writer (run, batch, written_at) VALUES (?, ?, ?) ON CONFLICT"
                + " (run) DO UPDATE SET batch = excluded.batch, written_at ="
                + " excluded.written_at")) {
      statement.setString(1, run);
      statement.setLong(2, batch);
      statement.setLong(3, Instant.now().toEpochMilli());
      statement.executeUpdate();
    }
  }
}
