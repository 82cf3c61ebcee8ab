package org.tlsuplift.server.inventory.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/** Opens connections to a SQLite file, with a write-ahead log. Thread-safe. */
final class SqliteSource extends SQLiteDataSource {
  private final @Nullable DatabaseFile inUse;

  private SqliteSource(
      Path file, Duration timeout, SynchronousMode mode, @Nullable DatabaseFile inUse) {
    super(config(timeout, mode));
    this.inUse = inUse;
    setUrl("jdbc:sqlite:" + file);
  }

  private static SQLiteConfig config(Duration timeout, SynchronousMode mode) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(mode);
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setBusyTimeout((int) timeout.toMillis());
    return config;
  }

  /**
   * Opens whatever file has the name at that time, for queries only.
   *
   * @param timeout the longest wait for a lock
   */
  static SqliteSource forReading(Path file, Duration timeout) {
    return new SqliteSource(file, timeout, SynchronousMode.NORMAL, null);
  }

  /**
   * Opens the file in use, and no other. A connection to a file that has replaced it would read the
   * write-ahead log of the previous file, and at its end write that into the new file. A
   * replacement in the microseconds between the check and the opening remains undetected.
   */
  static SqliteSource of(DatabaseFile inUse, Duration timeout, SynchronousMode mode) {
    return new SqliteSource(inUse.path(), timeout, mode, inUse);
  }

  @Override
  public SQLiteConnection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    if (inUse == null) {
      return changingNothing(super.getConnection(user, password));
    }
    inUse.check();
    SQLiteConnection opened = super.getConnection(user, password);
    inUse.noteLog();
    return opened;
  }

  private static SQLiteConnection changingNothing(SQLiteConnection opened) throws SQLException {
    try (Statement pragma = opened.createStatement()) {
      pragma.execute("PRAGMA query_only = 1");
      return opened;
    } catch (SQLException failed) {
      opened.close();
      throw failed;
    }
  }
}
