package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.tlsuplift.server.database.Database;

/**
 * When regular reports are due. Of several instances that share the database, one sends each of
 * them. All methods block.
 */
public final class ReportTimes {
  /** No report has a longer pause; a later time comes from a clock that was wrong. */
  private static final Duration LONGEST = Duration.ofDays(8);

  private final Database database;

  ReportTimes(Database database) {
    this.database = database;
  }

  /**
   * Whether the caller must send a report now.
   *
   * @param report its name
   * @param first when it is due if the database does not know it
   * @param again when it is due again, unless {@link #sent} follows
   */
  public boolean take(String report, Instant first, Instant now, Instant again)
      throws SQLException {
    return database.read(
        sql -> {
          sql.update(
              "INSERT INTO report_due (report, due) VALUES (?, ?) ON CONFLICT (report) DO NOTHING",
              report,
              first.toEpochMilli());
          String move = "UPDATE report_due SET due = ? WHERE report = ? AND (due <= ? OR due > ?)";
          long latest = now.plus(LONGEST).toEpochMilli();
          return sql.update(move, again.toEpochMilli(), report, now.toEpochMilli(), latest) > 0;
        });
  }

  /** A report was sent, and is due again at this time. */
  public void sent(String report, Instant next) throws SQLException {
    String move = "UPDATE report_due SET due = ? WHERE report = ?";
    database.change(sql -> sql.update(move, next.toEpochMilli(), report));
  }
}
