package org.tlsuplift.server.inventory.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.tlsuplift.server.inventory.record.SightingRows;

/** Deletes what has been kept long enough. */
public final class Housekeeping {
  private static final Duration KEEP_FINE = Duration.ofDays(3);

  private final Database database;
  private final Duration keep;

  public Housekeeping(Database database, Duration keep) {
    this.database = database;
    this.keep = keep;
  }

  /**
   * Deletes, in one transaction.
   *
   * @return how many devices went
   */
  public int tidy(Instant now) throws SQLException {
    long oldest = now.minus(keep).toEpochMilli();
    long oldestDay = Math.floorDiv(oldest, SightingRows.DAY.toMillis());
    String gone = " WHERE address IN (SELECT address FROM device WHERE last_seen < ?)";
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try {
        delete(connection, "device_fact" + gone, oldest);
        delete(connection, "device_day" + gone, oldest);
        delete(connection, "device_need" + gone, oldest);
        int devices = delete(connection, "device WHERE last_seen < ?", oldest);
        delete(connection, "device_fact WHERE last_seen < ?", oldest);
        delete(connection, "device_day WHERE day < ?", oldestDay);
        delete(connection, "device_need WHERE last_seen < ?", oldest);
        delete(connection, "listener_watch WHERE day < ?", oldestDay);
        delete(
            connection,
            "listener_slot WHERE width = ? AND start < ?",
            SightingRows.FINE.toSeconds(),
            now.minus(KEEP_FINE).getEpochSecond());
        delete(connection, "listener_slot WHERE start < ?", oldest / 1000);
        delete(connection, "inventory_writer WHERE written_at < ?", now.minus(keep).toEpochMilli());
        connection.commit();
        return devices;
      } catch (SQLException failed) {
        connection.rollback();
        throw failed;
      }
    }
  }

  private static int delete(Connection connection, String from, Long... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + from)) {
      List<Long> values = List.of(parameters);
      for (int i = 0; i < values.size(); i++) {
        statement.setLong(i + 1, values.get(i));
      }
      return statement.executeUpdate();
    }
  }
}
