package org.tlsuplift.server.inventory.jdbc;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** Keeps audit records in the database, and changes none of them. */
final class JdbcAudit implements AuditLog {
  private static final String COLUMNS =
      String.join(", ", AuditRecord.FIELDS).replace(" from,", " origin,");

  private final Database database;
  private final LatestFirst<AuditRecord> rows;

  JdbcAudit(Database database) {
    this.database = database;
    rows =
        new LatestFirst<>(
            database,
            "audit",
            "SELECT " + COLUMNS + " FROM audit",
            JdbcAudit::read,
            AuditRecord::id);
  }

  /** Adds records, unless the database already has them. Blocks. */
  void add(List<AuditRecord> records) throws SQLException {
    database.change(
        sql ->
            sql.batch(
                "INSERT INTO audit (%s) VALUES (%s) ON CONFLICT (id) DO NOTHING"
                    .formatted(COLUMNS, Sql.marks(AuditRecord.FIELDS.size())),
                records,
                JdbcAudit::values));
  }

  private static List<?> values(AuditRecord written) {
    List<Object> values = new ArrayList<>();
    // PostgreSQL refuses NUL.
    written.texts().forEach(text -> values.add(text.replace('\0', ' ')));
    values.set(1, written.at().toEpochMilli());
    return values;
  }

  /**
   * Deletes old records: at most those of one more day, because a clock that is wrong for some
   * hours must not delete the whole log.
   */
  static void deleteBefore(Sql sql, Instant oldest) throws SQLException {
    sql.update(
        "DELETE FROM audit WHERE id < ? AND at < (SELECT min(at) FROM audit) + ?",
        MessageRecord.idBegin(oldest),
        Duration.ofDays(1).toMillis());
  }

  private static Selection selection(Filter filter) {
    Selection selection = new Selection();
    if (!filter.who().isEmpty()) {
      selection.containing(Selection.lower(filter.who()), "who || ' ' || subject");
    }
    if (!filter.action().isEmpty()) {
      selection.containing(Selection.lower(filter.action()), "action || ' ' || object");
    }
    filter.from().ifPresent(at -> selection.and("id >= ?", MessageRecord.idBegin(at)));
    filter.to().ifPresent(at -> selection.and("id < ?", MessageRecord.idBegin(at)));
    return selection;
  }

  @Override
  public Page page(Filter filter, int offset, int limit) throws SQLException {
    Selection selection = selection(filter);
    return database.read(
        sql -> new Page(rows.page(sql, selection, offset, limit), selection.count(sql, "audit")));
  }

  @Override
  public void forEach(Filter filter, Consumer consumer) throws SQLException, IOException {
    rows.forEach(selection(filter), Long.MAX_VALUE, consumer::accept);
  }

  private static AuditRecord read(ResultSet row) throws SQLException {
    List<String> texts = new ArrayList<>();
    for (int column = 1; column <= AuditRecord.FIELDS.size(); column++) {
      texts.add(Objects.requireNonNullElse(row.getString(column), ""));
    }
    try {
      return AuditRecord.of(texts);
    } catch (IllegalArgumentException damaged) {
      return AuditRecord.unreadable(texts.get(0), texts.toString());
    }
  }
}
