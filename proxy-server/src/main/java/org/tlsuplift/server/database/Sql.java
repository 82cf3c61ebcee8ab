package org.tlsuplift.server.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs statements on one connection. Their parameters are question marks. Not thread-safe. */
public final class Sql {
  /** The number of rows that a server sends at a time. */
  private static final int FETCHED = 2_000;

  /** The number of values in one query. */
  private static final int MAX_VALUES = 500;

  private final Connection connection;

  Sql(Connection connection) {
    this.connection = connection;
  }

  /** Statements that use the same connection. */
  public interface Work<T> {
    T run(Sql sql) throws SQLException;
  }

  /** Reads the current row. */
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Statements without a result. */
  public interface Change {
    void run(Sql sql) throws SQLException;
  }

  /** Passes on the rows of a query one by one. */
  public void each(String query, SqlConsumer<ResultSet> consumer, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = prepare(query, parameters)) {
      statement.setFetchSize(FETCHED);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          consumer.accept(row);
        }
      }
    }
  }

  /** All rows of a query. */
  public <T> List<T> list(String query, RowReader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    each(query, row -> rows.add(reader.read(row)), parameters);
    return rows;
  }

  /** The first row of a query that has one row at most. */
  public <T> Optional<T> find(String query, RowReader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    return list(query, reader, parameters).stream().findFirst();
  }

  /** The number in the only row of a query, or 0 without a row. */
  public long number(String query, @Nullable Object... parameters) throws SQLException {
    List<Long> found = list(query, row -> row.getLong(1), parameters);
    return found.isEmpty() ? 0 : found.get(0);
  }

  /**
   * Changes rows.
   *
   * @return their number
   */
  public int update(String change, @Nullable Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(change, parameters)) {
      return statement.executeUpdate();
    }
  }

  /**
   * Runs a statement once for each row, all together.
   *
   * @param values of the statement's question marks
   */
  public <T> void batch(String change, Collection<T> rows, Function<T, List<?>> values)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(change)) {
      for (T row : rows) {
        set(statement, values.apply(row).toArray());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private PreparedStatement prepare(String text, @Nullable Object... parameters)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(text);
    try {
      set(statement, parameters);
      return statement;
    } catch (SQLException | RuntimeException failed) {
      statement.close();
      throw failed;
    }
  }

  private static void set(PreparedStatement statement, @Nullable Object... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  /** An array for a PostgreSQL parameter. */
  public java.sql.Array array(String type, Collection<?> values) throws SQLException {
    return connection.createArrayOf(type, values.toArray());
  }

  /**
   * The rows of a query for many values, for a few hundred at a time, in their order.
   *
   * @param query has {@code IN (?)} once, for the values
   */
  public <T> List<T> listIn(String query, RowReader<T> reader, Collection<String> values)
      throws SQLException {
    List<String> all = List.copyOf(values);
    List<T> rows = new ArrayList<>();
    for (int from = 0; from < all.size(); from += MAX_VALUES) {
      Object[] part = all.subList(from, Math.min(all.size(), from + MAX_VALUES)).toArray();
      rows.addAll(list(query.replace("IN (?)", in(part.length)), reader, part));
    }
    return rows;
  }

  /** A condition with this many question marks, at least one. */
  public static String in(int values) {
    return "IN (" + marks(values) + ")";
  }

  public static String marks(int values) {
    return "?, ".repeat(values - 1) + "?";
  }
}
