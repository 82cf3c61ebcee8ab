package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.inventory.Inventory;

/**
 * Deletes devices, totals, messages and audit records after their retention time.
 *
 * @param keep after a device was last seen
 * @param keepMessages after a message ended
 */
public record Retention(Database database, Duration keep, Duration keepMessages) {
  private static final Duration KEEP_FINE = Duration.ofDays(3);

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
        sql -> {
          sql.update("DELETE FROM device_fact" + gone, oldest);
          sql.update("DELETE FROM device_origin" + gone, oldest);
          sql.update("DELETE FROM device_day" + gone, oldest);
          sql.update("DELETE FROM device_need" + gone, oldest);
          sql.update("DELETE FROM message_day" + gone, oldest);
          int devices = sql.update("DELETE FROM device WHERE last_seen < ?", oldest);
          sql.update("DELETE FROM device_fact WHERE last_seen < ?", oldest);
          sql.update("DELETE FROM device_origin WHERE last_seen < ?", oldest);
          sql.update("DELETE FROM device_day WHERE day < ?", oldestDay);
          sql.update("DELETE FROM device_need WHERE last_seen < ?", oldest);
          sql.update("DELETE FROM message_day WHERE day < ?", oldestDay);
          MessageStore.deleteBefore(sql, now.minus(keepMessages));
          JdbcAudit.deleteBefore(sql, now.minus(AuditLog.KEEP));
          JdbcAcknowledgements.deleteBefore(sql, now.minus(AuditLog.KEEP));
          sql.update("DELETE FROM listener_watch WHERE day < ?", oldestDay);
          sql.update(
              "DELETE FROM listener_slot WHERE width = ? AND start < ?",
              Inventory.FINE.toSeconds(),
              now.minus(KEEP_FINE).getEpochSecond());
          sql.update("DELETE FROM listener_slot WHERE start < ?", oldest / 1000);
          sql.update("DELETE FROM report_due WHERE due < ?", oldest);
          sql.update("DELETE FROM inventory_writer WHERE written_at < ?", oldest);
          return devices;
        });
  }
}
