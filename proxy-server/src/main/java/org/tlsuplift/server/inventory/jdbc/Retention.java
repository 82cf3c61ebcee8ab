package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.server.inventory.Inventory;

/** Deletes devices, totals and messages after their retention time. */
public final class Retention {
  private static final Duration KEEP_FINE = Duration.ofDays(3);

  private final Database database;
  private final Duration keep;
  private final Duration keepMessages;

  /**
   * Deletes from this database.
   *
   * @param keep after a device was last seen
   * @param keepMessages after a message ended
   */
  public Retention(Database database, Duration keep, Duration keepMessages) {
    this.database = database;
    this.keep = keep;
    this.keepMessages = keepMessages;
  }

  /**
   * Deletes all expired rows in one transaction. Blocks.
   *
   * @return the number of deleted devices
   */
  public int deleteExpired(Instant now) throws SQLException {
    long oldest = now.minus(keep).toEpochMilli();
    long oldestDay = Math.floorDiv(oldest, Inventory.DAY.toMillis());
    String gone = " WHERE address IN (SELECT address FROM device WHERE last_seen < ?)";
    return database.runTogether(
        handle -> {
          handle.execute("DELETE FROM device_fact" + gone, oldest);
          handle.execute("DELETE FROM device_origin" + gone, oldest);
          handle.execute("DELETE FROM device_day" + gone, oldest);
          handle.execute("DELETE FROM device_need" + gone, oldest);
          handle.execute("DELETE FROM message_day" + gone, oldest);
          int devices = handle.execute("DELETE FROM device WHERE last_seen < ?", oldest);
          handle.execute("DELETE FROM device_fact WHERE last_seen < ?", oldest);
          handle.execute("DELETE FROM device_origin WHERE last_seen < ?", oldest);
          handle.execute("DELETE FROM device_day WHERE day < ?", oldestDay);
          handle.execute("DELETE FROM device_need WHERE last_seen < ?", oldest);
          handle.execute("DELETE FROM message_day WHERE day < ?", oldestDay);
          MessageStore.deleteBefore(handle, now.minus(keepMessages));
          handle.execute("DELETE FROM listener_watch WHERE day < ?", oldestDay);
          handle.execute(
              "DELETE FROM listener_slot WHERE width = ? AND start < ?",
              Inventory.FINE.toSeconds(),
              now.minus(KEEP_FINE).getEpochSecond());
          handle.execute("DELETE FROM listener_slot WHERE start < ?", oldest / 1000);
          handle.execute("DELETE FROM inventory_writer WHERE written_at < ?", oldest);
          return devices;
        });
  }
}
