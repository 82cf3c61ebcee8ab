package org.tlsuplift.server.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * The connections to a database, and its schema. Thread-safe.
 *
 * <p>SQLite uses a write-ahead log. Readers never wait for writers, in this process or another, and
 * a killed process loses no committed row.
 */
public final class Database implements AutoCloseable {
  /** The wait for another program that has locked the SQLite file. */
  public static final Duration LOCK_WAIT = Duration.ofSeconds(4);

  private static final Duration CLOSE_LIMIT = Duration.ofMillis(300);

  /** How long a reader waits for the first attempt to make the tables. */
  private static final Duration FIRST_ATTEMPT_LIMIT = Duration.ofSeconds(5);

  /** What a row that was committed to a SQLite file survives. */
  public enum Durability {
    /** The end of the process, but not a power cut. */
    PROCESS(SynchronousMode.NORMAL),
    POWER_CUT(SynchronousMode.FULL);

    private final SynchronousMode mode;

    Durability(SynchronousMode mode) {
      this.mode = mode;
    }
  }

  private final DatabasePlace place;
  private final @Nullable DatabaseFile file;
  private final Duration lockWait;
  private final Connections connections;
  private final boolean sharedServer;
  private final CountDownLatch firstAttempt = new CountDownLatch(1);

  private Database(
      DatabasePlace place,
      @Nullable DatabaseFile file,
      Duration lockWait,
      Connections connections) {
    this.place = place;
    this.file = file;
    this.lockWait = lockWait;
    this.connections = connections;
    sharedServer = place instanceof DatabasePlace.PostgreSql;
  }

  /**
   * Opens a database for writing. It connects on first use, and again after an outage; to a SQLite
   * file only after {@link #createFile}.
   */
  public static Database forWriting(DatabasePlace place) {
    return forWriting(place, LOCK_WAIT);
  }

  /** Opens a database for writing, with this wait for a program that has locked the file. */
  public static Database forWriting(DatabasePlace place, Duration lockWait) {
    return forWriting(place, lockWait, Durability.PROCESS);
  }

  /** Opens a database for writing, of which a SQLite file has this durability. */
  public static Database forWriting(DatabasePlace place, Durability durability) {
    return forWriting(place, LOCK_WAIT, durability);
  }

  private static Database forWriting(
      DatabasePlace place, Duration lockWait, Durability durability) {
    if (place instanceof DatabasePlace.Embedded embedded) {
      DatabaseFile file = new DatabaseFile(embedded.file());
      return new Database(
          place,
          file,
          lockWait,
          new SqliteConnections(place, SqliteSource.of(file, lockWait, durability.mode)));
    }
    return new Database(place, null, lockWait, PostgresConnections.forWriting(server(place)));
  }

  /**
   * Opens a database whose answers decide about devices that wait: it gives up within a few
   * seconds.
   */
  public static Database forLimits(DatabasePlace.PostgreSql place) {
    return new Database(place, null, LOCK_WAIT, PostgresConnections.forLimits(place));
  }

  /**
   * Opens a database for reading, and connects once.
   *
   * @param lockWait the wait for another program that has locked the SQLite file
   * @throws SQLException if the connection fails; the message is one line for the operator
   */
  public static Database forReading(DatabasePlace place, Duration lockWait) throws SQLException {
    if (place instanceof DatabasePlace.Embedded embedded) {
      Connections connections =
          new SqliteConnections(place, SqliteSource.forReading(embedded.file(), lockWait));
      boolean unused = connections.use(Connection::isReadOnly);
      return readable(new Database(place, null, lockWait, connections));
    }
    return readable(
        new Database(place, null, lockWait, PostgresConnections.forReading(server(place))));
  }

  private static Database readable(Database existing) {
    existing.firstAttempt.countDown();
    return existing;
  }

  private static DatabasePlace.PostgreSql server(DatabasePlace place) {
    if (place instanceof DatabasePlace.PostgreSql server) {
      return server;
    }
    throw new UnhandledVariantException(place);
  }

  /**
   * Creates the SQLite file if it is missing, readable by its owner only. From then on, {@link
   * #isReplaced} detects that the file was deleted or replaced.
   */
  public void createFile() throws SQLException {
    try {
      if (file != null) {
        file.use();
      }
    } catch (IOException failed) {
      firstAttempt.countDown();
      throw new SQLException(String.valueOf(failed), failed);
    }
  }

  /** Whether the file in use was deleted or replaced. Always false for PostgreSQL. */
  public boolean isReplaced() {
    return file != null && file.isReplaced();
  }

  /** Closes all connections. New ones are opened after {@link #createFile}. */
  public void reopen() {
    if (connections instanceof SqliteConnections sqlite) {
      sqlite.reset();
    }
  }

  /** The reason for a failure, in words for the operator. */
  public SQLException explain(SQLException failed) {
    return file == null ? failed : file.explain(failed);
  }

  /**
   * Migrates a part of the schema. Daemons that start at the same time do this one after the other.
   * It gets its own connections, because a failed one would be closed and Flyway would report only
   * that it is closed.
   */
  public void migrate(Schema schema) throws SQLException {
    try {
      new Migration(
              source(), schema, sharedServer ? Migration.POSTGRESQL_TYPES : Migration.SQLITE_TYPES)
          .run();
    } catch (SQLException failed) {
      // Flyway's own message has several lines.
      throw named(place, failed);
    } finally {
      firstAttempt.countDown();
    }
  }

  private DataSource source() {
    return file == null
        ? PostgresConnections.source(server(place))
        : SqliteSource.of(file, lockWait, SynchronousMode.NORMAL);
  }

  /** Reports the error of the driver, in one line. */
  static SQLException named(DatabasePlace place, Exception failed) {
    return new SQLException(place + ": " + reason(failed), failed);
  }

  /** The message of the root cause, in one line. */
  public static String reason(Throwable failed) {
    Throwable root = failed;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? "the connection broke (" + root.getClass().getSimpleName() + ")"
        : message.strip().replaceAll("\\s+", " ");
  }

  /** Runs statements, each in its own transaction. */
  public <T> T run(Sql.Work<T> statements) throws SQLException {
    return connections.use(connection -> statements.run(new Sql(connection)));
  }

  /**
   * Runs statements in one transaction, which is rolled back if one of them fails.
   *
   * @throws UnansweredCommitException if the transaction may have been committed
   */
  public <T> T runTogether(Sql.Work<T> statements) throws SQLException {
    return connections.use(
        connection -> {
          connection.setAutoCommit(false);
          T result = statements.run(new Sql(connection));
          try {
            connection.commit();
          } catch (SQLException unanswered) {
            throw new UnansweredCommitException(unanswered);
          }
          connection.setAutoCommit(true);
          return result;
        });
  }

  /** Changes rows in one transaction, which is rolled back if a statement fails. */
  public void change(Sql.Change statements) throws SQLException {
    var unused =
        runTogether(
            sql -> {
              statements.run(sql);
              return sql;
            });
  }

  /**
   * Runs queries. A reader who comes before the tables waits for the first attempt to make them,
   * for a few seconds: the daemon listens before it opens its database.
   */
  public <T> T read(Sql.Work<T> queries) throws SQLException {
    awaitFirstAttempt();
    return run(queries);
  }

  private void awaitFirstAttempt() throws SQLException {
    try {
      boolean unused = firstAttempt.await(FIRST_ATTEMPT_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new SQLException(place + ": the daemon stops", stopped);
    }
  }

  /**
   * Reads one long list, as {@link #read} does. PostgreSQL streams rows only within a transaction.
   * SQLite always streams rows, and a transaction there would block writers.
   */
  public <T> T readList(Sql.Work<T> statements) throws SQLException {
    awaitFirstAttempt();
    return sharedServer ? runTogether(statements) : run(statements);
  }

  /** Closes all connections, and waits for that for a limited time. */
  @Override
  public void close() {
    Thread closing = new Thread(connections::close, "uplift-inventory-close");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException sooner) {
      Thread.currentThread().interrupt();
    }
  }
}
