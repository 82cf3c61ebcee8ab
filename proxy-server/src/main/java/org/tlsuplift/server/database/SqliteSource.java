package org.tlsuplift.server.database;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/**
 * Opens connections to a SQLite file, with a write-ahead log, or with a rollback journal on a disk
 * where the shared memory of the log could end the process. Thread-safe.
 */
final class SqliteSource extends SQLiteDataSource {
  /**
   * A file that has a log is opened without shared memory, because no other connection may have it
   * then (sqlite.org/wal.html, section 8). Others may as soon as it has none. The query gives up
   * the lock.
   */
  static final List<String> NO_SHARED_MEMORY =
      List.of(
          "PRAGMA locking_mode = EXCLUSIVE",
          "PRAGMA journal_mode = DELETE",
          "PRAGMA locking_mode = NORMAL",
          "SELECT count(*) FROM sqlite_schema");

  private final @Nullable DatabaseFile inUse;
  private final List<String> first = new ArrayList<>();

  private SqliteSource(
      Path file, Duration timeout, SynchronousMode mode, @Nullable DatabaseFile inUse) {
    super(config(timeout));
    this.inUse = inUse;
    setUrl("jdbc:sqlite:" + file);
    if (SqliteDisk.refusal(file.resolveSibling("")).isEmpty()) {
      first.add("PRAGMA journal_mode = WAL");
    } else {
      first.addAll(NO_SHARED_MEMORY);
    }
    first.add("PRAGMA synchronous = " + mode);
    if (inUse == null) {
      first.add("PRAGMA query_only = 1");
    }
  }

  private static SQLiteConfig config(Duration timeout) {
    SQLiteConfig config = new SQLiteConfig();
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
      return prepared(super.getConnection(user, password), first);
    }
    inUse.check();
    SQLiteConnection opened = prepared(super.getConnection(user, password), first);
    inUse.noteLog();
    return opened;
  }

  static SQLiteConnection prepared(SQLiteConnection opened, List<String> statements)
      throws SQLException {
    try (Statement each = opened.createStatement()) {
      for (String statement : statements) {
        each.execute(statement);
      }
      return opened;
    } catch (SQLException failed) {
      opened.close();
      throw failed;
    }
  }
}
