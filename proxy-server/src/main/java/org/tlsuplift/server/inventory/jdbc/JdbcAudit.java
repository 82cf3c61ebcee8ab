package org.tlsuplift.server.inventory.jdbc;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.audit.AuditRecord.Result;
import org.tlsuplift.server.audit.AuditRecord.Via;

/** Keeps audit records in the database, and changes none of them. */
final class JdbcAudit implements AuditLog {
  /** Records per read of a long list. */
  private static final int AT_ONCE = 500;

  private static final String SELECT =
      "SELECT id, at, who, role, origin, via, action, object, before, after, result, subject, part,"
          + " instance FROM audit WHERE ";
  private static final String ORDER = " ORDER BY id DESC LIMIT ";

  private final Database database;

  JdbcAudit(Database database) {
    this.database = database;
  }

  /** Adds records, unless the database already has them. Blocks. */
  void add(List<AuditRecord> records) throws SQLException {
    database.runTogether(
        sql -> {
          sql.batch(
              "INSERT INTO audit (id, at, who, role, origin, via, action, object, before, after,"
                  + " result, subject, part, instance)"
                  + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
              records,
              JdbcAudit::bind);
          return sql;
        });
  }

  private static void bind(PreparedStatement statement, AuditRecord written) throws SQLException {
    statement.setString(1, written.id());
    statement.setLong(2, written.at().toEpochMilli());
    statement.setString(3, text(written.who()));
    statement.setString(4, written.role());
    statement.setString(5, written.from());
    statement.setString(6, written.via().label());
    statement.setString(7, written.action());
    statement.setString(8, text(written.object()));
    statement.setString(9, text(written.before()));
    statement.setString(10, text(written.after()));
    statement.setString(11, written.result().label());
    statement.setString(12, text(written.subject()));
    statement.setString(13, written.part());
    statement.setString(14, written.instance());
  }

  /** PostgreSQL refuses NUL. */
  private static String text(String any) {
    return any.replace('\0', ' ');
  }

  /**
   * Deletes old records: at most those of one more day, because a clock that is wrong for some
   * hours must not delete the whole log.
   */
  static void deleteBefore(Sql sql, Instant oldest) throws SQLException {
    sql.update(
        "DELETE FROM audit WHERE id < ? AND at < (SELECT min(at) FROM audit) + ?",
        idBegin(oldest),
        Duration.ofDays(1).toMillis());
  }

  private static String idBegin(Instant at) {
    return HexFormat.of().toHexDigits(Math.max(0, at.toEpochMilli()), 12);
  }

  /** A condition with the values of its question marks. */
  private record Selected(String where, List<String> parameters) {
    static Selected of(Filter filter) {
      StringBuilder where = new StringBuilder("1 = 1");
      List<String> parameters = new ArrayList<>();
      part(filter.who(), "lower(who || ' ' || subject)", where, parameters);
      part(filter.action(), "lower(action || ' ' || object)", where, parameters);
      bound(filter.from(), " AND id >= ?", where, parameters);
      bound(filter.to(), " AND id < ?", where, parameters);
      return new Selected(where.toString(), parameters);
    }

    private static void part(
        String text, String column, StringBuilder where, List<String> parameters) {
      if (!text.isEmpty()) {
        where.append(" AND ").append(column).append(" LIKE ? ESCAPE '!'");
        parameters.add(Selection.pattern(text));
      }
    }

    private static void bound(
        Optional<Instant> at, String condition, StringBuilder where, List<String> parameters) {
      if (at.isPresent()) {
        where.append(condition);
        parameters.add(idBegin(at.get()));
      }
    }
  }

  @Override
  public Page page(Filter filter, int offset, int limit) throws SQLException {
    Selected selected = Selected.of(filter);
    return database.read(
        sql ->
            new Page(
                sql.list(
                    SELECT + selected.where() + ORDER + limit + " OFFSET " + offset,
                    JdbcAudit::read,
                    selected.parameters().toArray()),
                sql.number(
                    "SELECT count(*) FROM audit WHERE " + selected.where(),
                    selected.parameters().toArray())));
  }

  @Override
  public void forEach(Filter filter, Consumer consumer) throws SQLException, IOException {
    Selected selected = Selected.of(filter);
    String last = "~";
    List<AuditRecord> part;
    do {
      List<String> parameters = new ArrayList<>(selected.parameters());
      parameters.add(last);
      part =
          database.read(
              sql ->
                  sql.list(
                      SELECT + selected.where() + " AND id < ?" + ORDER + AT_ONCE,
                      JdbcAudit::read,
                      parameters.toArray()));
      for (AuditRecord each : part) {
        consumer.accept(each);
        last = each.id();
      }
    } while (!part.isEmpty());
  }

  private static AuditRecord read(ResultSet row) throws SQLException {
    return new AuditRecord(
        row.getString(1),
        Instant.ofEpochMilli(row.getLong(2)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Via.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        Result.valueOf(row.getString(11).toUpperCase(Locale.ROOT)),
        row.getString(12),
        row.getString(13),
        row.getString(14));
  }
}
