package org.tlsuplift.server.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;

/**
 * The write-ahead log of a replaced file still has its name. A connection that SQLite opens to the
 * new file would read that log, and at its end write it into the new file.
 */
@OneJdk
class DatabaseFileTest {
  @TempDir Path folder;

  private Database open(String name, String content) throws SQLException {
    Database database = Database.forWriting(new DatabasePlace.Embedded(folder.resolve(name)));
    database.createFile();
    database.run(
        sql -> {
          sql.update("CREATE TABLE note (text TEXT)");
          return sql.update("INSERT INTO note VALUES (?)", content);
        });
    assertThat(database.isReplaced()).isFalse();
    return database;
  }

  private static String content(Database database) throws SQLException {
    return database.run(
        sql -> sql.find("SELECT text FROM note", row -> row.getString(1)).orElseThrow());
  }

  @Test
  void opensNoConnectionToAReplacedFileBeforeReopen() throws Exception {
    open("other.db", "new").close();
    try (Database database = open("inventory.db", "old")) {
      whileConnected(
          database,
          () -> {
            Files.move(
                folder.resolve("other.db"),
                folder.resolve("inventory.db"),
                StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> content(database))
                .hasMessageContaining("the file was deleted or replaced");
          });
      database.reopen();
      database.createFile();
      assertThat(content(database)).isEqualTo("new");
    }
  }

  private interface Step {
    void run() throws IOException, SQLException;
  }

  /** Runs a step while a connection is open and in use, and uses it afterwards. */
  private static void whileConnected(Database database, Step step) throws SQLException {
    long open =
        database.run(
            sql -> {
              assertThat(sql.number("SELECT 1")).isEqualTo(1);
              try {
                step.run();
              } catch (IOException failed) {
                throw new UncheckedIOException(failed);
              }
              return sql.number("SELECT 1");
            });
    assertThat(open).isEqualTo(1);
  }

  /** What a killed process leaves: a file whose rows are all in its write-ahead log. */
  private Path killed(String name, String content) throws Exception {
    Path made = Files.createDirectory(folder.resolve("killed-" + name));
    try (Database database = open("running-" + name, content)) {
      whileConnected(
          database,
          () -> {
            for (String suffix : new String[] {"", "-wal"}) {
              Files.copy(
                  folder.resolve("running-" + name + suffix),
                  made.resolve("inventory.db" + suffix));
            }
          });
    }
    return made;
  }

  @Test
  void keepsTheLogWhenAStartIsTriedAgain() throws Exception {
    Path file = killed("a", "old").resolve("inventory.db");
    try (Database database = Database.forWriting(new DatabasePlace.Embedded(file))) {
      database.createFile();
      // A page or another task asks while the start fails.
      assertThat(database.isReplaced()).isFalse();
      database.createFile();
      assertThat(content(database)).isEqualTo("old");
      whileConnected(
          database,
          () -> {
            database.createFile();
            assertThat(file.resolveSibling("inventory.db-wal")).exists();
          });
      database.createFile();
      assertThat(content(database)).isEqualTo("old");
    }
  }

  @Test
  void deletesTheLogOfAFileThatIsReplacedDuringAFailedStart() throws Exception {
    open("other.db", "new").close();
    Path file = killed("a", "old").resolve("inventory.db");
    try (Database database = Database.forWriting(new DatabasePlace.Embedded(file))) {
      database.createFile();
      Files.move(folder.resolve("other.db"), file, StandardCopyOption.REPLACE_EXISTING);
      assertThat(database.isReplaced()).isTrue();
      database.createFile();
      assertThat(content(database)).isEqualTo("new");
    }
  }

  @Test
  void keepsTheLogThatComesWithTheNewFile() throws Exception {
    Path old = killed("a", "old");
    Path next = killed("b", "new");
    Path file = old.resolve("inventory.db");
    try (Database database = Database.forWriting(new DatabasePlace.Embedded(file))) {
      database.createFile();
      for (String suffix : new String[] {"", "-wal"}) {
        Files.move(
            next.resolve("inventory.db" + suffix),
            old.resolve("inventory.db" + suffix),
            StandardCopyOption.REPLACE_EXISTING);
      }
      assertThat(database.isReplaced()).isTrue();
      database.createFile();
      assertThat(content(database)).isEqualTo("new");
    }
  }

  @Test
  void reportsAnEmptyFileOnceExceptThoseItCreated() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger log = (Logger) LoggerFactory.getLogger(DatabaseFile.class);
    log.addAppender(lines);
    // A command of another test may have silenced it.
    log.setLevel(Level.WARN);
    try (Database created =
            Database.forWriting(new DatabasePlace.Embedded(folder.resolve("a.db")));
        Database emptied =
            Database.forWriting(
                new DatabasePlace.Embedded(Files.createFile(folder.resolve("b.db"))))) {
      created.createFile();
      created.createFile();
      assertThat(lines.list).isEmpty();
      emptied.createFile();
      emptied.createFile();
      emptied.migrate(DeviceInventory.SCHEMA);
    } finally {
      log.detachAppender(lines);
      log.setLevel(null);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .contains("b.db has 0 bytes", "restore a backup");
  }
}
