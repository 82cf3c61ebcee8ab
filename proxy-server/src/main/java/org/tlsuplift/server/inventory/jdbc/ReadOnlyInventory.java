package org.tlsuplift.server.inventory.jdbc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.messages.Messages;

/** The inventory for commands, with or without a running daemon. */
public final class ReadOnlyInventory implements AutoCloseable {
  private final Database database;
  private final Inventory inventory;
  private final Messages messages;

  private ReadOnlyInventory(Database database, Inventory inventory) {
    this.database = database;
    this.inventory = inventory;
    this.messages = new JdbcMessages(database);
  }

  /**
   * Opens the inventory.
   *
   * @param waysIn the {@code accept} value of each listener, by name
   * @throws SQLException if the inventory does not exist or cannot be read; the message is one line
   *     for the operator
   */
  public static ReadOnlyInventory open(
      DatabasePlace place, VerdictRules rules, Map<String, String> waysIn) throws SQLException {
    return open(place, rules, waysIn, Database.LOCK_WAIT);
  }

  /** Opens the inventory, with this wait for a program that has locked the SQLite file. */
  static ReadOnlyInventory open(
      DatabasePlace place, VerdictRules rules, Map<String, String> waysIn, Duration lockWait)
      throws SQLException {
    if (place instanceof DatabasePlace.Embedded embedded) {
      look(embedded.file());
    }
    Database database = Database.forReading(place, lockWait);
    return new ReadOnlyInventory(
        database, new JdbcInventory(database, rules, waysIn, Clock.systemUTC()));
  }

  private static void look(Path file) throws SQLException {
    if (Files.notExists(file)) {
      throw new SQLException(
          "there is no inventory at "
              + file
              + "; the daemon creates it at the first start with this configuration");
    }
    if (!Files.isReadable(file)) {
      throw new SQLException(
          "this user may not read " + file + "; run the command as the daemon's user");
    }
  }

  public Inventory inventory() {
    return inventory;
  }

  public Messages messages() {
    return messages;
  }

  @Override
  public void close() {
    database.close();
  }
}
