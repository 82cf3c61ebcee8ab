package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;

/** Keeps the latest sign-in of each account in the database. */
final class JdbcSignIns {
  /** Twice the accounts of a file, because instances may have different files. */
  private static final int MAX = 20_000;

  private final Database database;
  private final int max;

  JdbcSignIns(Database database) {
    this(database, MAX);
  }

  JdbcSignIns(Database database, int max) {
    this.database = database;
    this.max = max;
  }

  void write(Set<String> removed, Map<String, SignedIn> signedIn) throws SQLException {
    database.change(
        sql -> {
          sql.batch("DELETE FROM account_sign_in WHERE account = ?", removed, List::of);
          sql.batch(
              "INSERT INTO account_sign_in (account, at, address) VALUES (?, ?, ?) ON CONFLICT"
                  + " (account) DO UPDATE SET at = excluded.at, address = excluded.address"
                  + " WHERE excluded.at > account_sign_in.at",
              signedIn.entrySet(),
              each ->
                  List.of(
                      each.getKey(), each.getValue().at().toEpochMilli(), each.getValue().from()));
          sql.update(
              "DELETE FROM account_sign_in WHERE account NOT IN"
                  + " (SELECT account FROM account_sign_in ORDER BY at DESC LIMIT "
                  + max
                  + ")");
        });
  }

  Map<String, SignedIn> read() throws SQLException {
    Map<String, SignedIn> all = new HashMap<>();
    return database.read(
        sql -> {
          sql.each(
              "SELECT account, at, address FROM account_sign_in",
              row ->
                  all.put(
                      row.getString(1),
                      new SignedIn(Instant.ofEpochMilli(row.getLong(2)), row.getString(3))));
          return all;
        });
  }
}
