package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.inventory.InventoryPlace;

/**
 * The write-ahead log of a replaced file still has its name. A connection that SQLite opens to the
 * new file would read that log, and at its end write it into the new file.
 */
class DatabaseFileTest {
  @TempDir Path folder;

  private Database open(String name, String content) throws SQLException {
    Database database = Database.forWriting(new InventoryPlace.Embedded(folder.resolve(name)));
    database.createFile();
    database.run(
        handle -> {
          handle.execute("CREATE TABLE note (text TEXT)");
          return handle.execute("INSERT INTO note VALUES (?)", content);
        });
    assertThat(database.isReplaced()).isFalse();
    return database;
  }

  private static String content(Database database) throws SQLException {
    return database.run(
        handle -> handle.createQuery("SELECT text FROM note").mapTo(String.class).one());
  }

  @Test
  void noConnectionIsOpenedBeforeTheDaemonKnowsOfTheNewFile() throws Exception {
    open("other.db", "new").close();
    try (Database database = open("inventory.db", "old")) {
      try (Connection busy = database.connect()) {
        Files.move(
            folder.resolve("other.db"),
            folder.resolve("inventory.db"),
            StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> content(database))
            .hasMessageContaining("the file was deleted or replaced");
        assertThat(busy.isClosed()).isFalse();
      }
      database.reopen();
      database.createFile();
      assertThat(content(database)).isEqualTo("new");
    }
  }
}
