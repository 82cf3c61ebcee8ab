package org.tlsuplift.server.inventory.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.Rows;

/**
 * Reads a table whose ids begin with the time, the latest rows first.
 *
 * @param select the part of a query before WHERE
 * @param id of a row
 */
record LatestFirst<T>(
    Database database,
    String table,
    String select,
    Sql.RowReader<T> reader,
    Function<T, String> id) {
  /** Rows per read of a long list. */
  static final int AT_ONCE = 500;

  private String order(long limit) {
    return " ORDER BY " + table + ".id DESC LIMIT " + limit;
  }

  List<T> page(Sql sql, Selection selection, int offset, int limit) throws SQLException {
    return selection.list(sql, select, order(limit) + " OFFSET " + offset, reader);
  }

  /** Passes on rows as they are read, a few hundred at a time. */
  void forEach(Selection selection, long most, Rows.Receiver<T> receiver)
      throws SQLException, IOException {
    String last = "~";
    for (long left = most; left > 0; ) {
      String before = last;
      String rest = " AND " + table + ".id < ?" + order(Math.min(left, AT_ONCE));
      List<T> part = database.read(sql -> selection.list(sql, select, rest, reader, before));
      if (part.isEmpty()) {
        return;
      }
      for (T row : part) {
        receiver.accept(row);
        last = id.apply(row);
      }
      left -= part.size();
    }
  }
}
