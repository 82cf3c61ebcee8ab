package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.Acknowledgements;
import org.tlsuplift.server.inventory.FilterWords;

/** Keeps acknowledgements in the database, and a copy in memory. */
final class JdbcAcknowledgements implements Acknowledgements {
  /** Another version may have stored others. */
  private static final String KINDS = Selection.quoted(Kind.values());

  private final Database database;
  private volatile Map<Subject, Acknowledgement> known = Map.of();

  JdbcAcknowledgements(Database database) {
    this.database = database;
  }

  /** Reads what other instances have written. Blocks. */
  void read() throws SQLException {
    known =
        database
            .read(
                sql ->
                    sql.list(
                        "SELECT kind, item, state, who, at, note FROM acknowledgement WHERE kind IN"
                            + " ("
                            + KINDS
                            + ")",
                        row ->
                            new Acknowledgement(
                                new Subject(
                                    FilterWords.parse(Kind.values(), row.getString(1)),
                                    row.getString(2),
                                    Instant.ofEpochMilli(row.getLong(3))),
                                row.getString(4),
                                Instant.ofEpochMilli(row.getLong(5)),
                                row.getString(6))))
            .stream()
            .collect(Collectors.toUnmodifiableMap(Acknowledgement::subject, Function.identity()));
  }

  @Override
  public Optional<Acknowledgement> find(Subject subject) {
    return Optional.ofNullable(known.get(subject));
  }

  @Override
  public void add(Acknowledgement acknowledgement) throws SQLException {
    Subject subject = acknowledgement.subject();
    change(
        "INSERT INTO acknowledgement (kind, item, state, who, at, note) VALUES (?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (kind, item) DO UPDATE SET state = EXCLUDED.state, who = EXCLUDED.who,"
            + " at = EXCLUDED.at, note = EXCLUDED.note",
        subject.kind().label(),
        subject.item(),
        subject.state().toEpochMilli(),
        acknowledgement.who(),
        acknowledgement.at().toEpochMilli(),
        acknowledgement.note());
  }

  @Override
  public void remove(Subject subject) throws SQLException {
    change(
        "DELETE FROM acknowledgement WHERE kind = ? AND item = ?",
        subject.kind().label(),
        subject.item());
  }

  private void change(String statement, Object... parameters) throws SQLException {
    database.change(sql -> sql.update(statement, parameters));
    read();
  }

  static void deleteBefore(Sql sql, Instant oldest) throws SQLException {
    sql.update("DELETE FROM acknowledgement WHERE at < ?", oldest.toEpochMilli());
  }
}
