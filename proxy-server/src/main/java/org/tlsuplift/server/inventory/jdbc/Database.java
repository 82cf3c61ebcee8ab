package org.tlsuplift.server.inventory.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.inventory.record.Recorder;

/**
 * The connections to the inventory's database, and its schema. Thread-safe.
 *
 * <p>SQLite uses a write-ahead log. Readers never wait for writers, in this process or another, and
 * a killed process loses no committed row.
 */
public final class Database implements AutoCloseable {
  /** Longer than the driver's own limit, so that the driver reports the reason. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration DRIVER_PATIENCE = Duration.ofSeconds(4);

  /** The wait for another program that has locked the SQLite file. */
  static final Duration LOCK_WAIT = DRIVER_PATIENCE;

  private static final Duration CLOSE_LIMIT = Duration.ofMillis(300);
  private static final int SOCKET_SECONDS = 30;
  private static final int QUICK_SECONDS = 3;
  private static final int CONNECTIONS = 4;

  private final InventoryPlace place;
  private final @Nullable DatabaseFile file;
  private final Duration lockWait;
  private volatile HikariDataSource pool;
  private final String textType;
  private final boolean sharedServer;
  private final Jdbi jdbi = Jdbi.create(this::connect);

  private Database(
      InventoryPlace place, @Nullable DatabaseFile file, Duration lockWait, HikariDataSource pool) {
    this.place = place;
    this.file = file;
    this.lockWait = lockWait;
    this.pool = pool;
    sharedServer = place instanceof InventoryPlace.PostgreSql;
    textType = sharedServer ? "TEXT COLLATE \"C\"" : "TEXT";
  }

  /**
   * Opens a database for writing. It connects on first use, and again after an outage; to a SQLite
   * file only after {@link #createFile}.
   */
  public static Database forWriting(InventoryPlace place) {
    return forWriting(place, LOCK_WAIT);
  }

  /** Opens a database for writing, with this wait for a program that has locked the file. */
  static Database forWriting(InventoryPlace place, Duration lockWait) {
    DatabaseFile file =
        place instanceof InventoryPlace.Embedded embedded
            ? new DatabaseFile(embedded.file())
            : null;
    return new Database(place, file, lockWait, poolForWriting(place, file, lockWait));
  }

  private static HikariDataSource poolForWriting(
      InventoryPlace place, @Nullable DatabaseFile file, Duration lockWait) {
    HikariConfig config = config(place, source(place, file, lockWait));
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /**
   * Opens a database whose answers decide about devices that wait: it gives up within a few
   * seconds.
   */
  public static Database forLimits(InventoryPlace.PostgreSql place) {
    PGSimpleDataSource source = postgres(place);
    source.setConnectTimeout(QUICK_SECONDS);
    source.setSocketTimeout(QUICK_SECONDS);
    HikariConfig config = config(place, source);
    config.setPoolName("uplift-limits");
    config.setConnectionTimeout(Duration.ofSeconds(QUICK_SECONDS).toMillis());
    config.setInitializationFailTimeout(-1);
    return new Database(place, null, LOCK_WAIT, new HikariDataSource(config));
  }

  /**
   * Opens a database for reading, and connects once.
   *
   * @param lockWait the wait for another program that has locked the SQLite file
   * @throws SQLException if the connection fails; the message is one line for the operator
   */
  static Database forReading(InventoryPlace place, Duration lockWait) throws SQLException {
    HikariConfig config = config(place, source(place, null, lockWait));
    config.setConnectionInitSql(
        place instanceof InventoryPlace.Embedded
            ? "PRAGMA query_only = 1"
            : "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
    config.setInitializationFailTimeout(1);
    try {
      return new Database(place, null, LOCK_WAIT, new HikariDataSource(config));
    } catch (HikariPool.PoolInitializationException away) {
      throw named(place, away);
    }
  }

  private static HikariConfig config(InventoryPlace place, DataSource source) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("uplift-inventory");
    config.setDataSource(source);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(PATIENCE.toMillis());
    config.setIdleTimeout(Duration.ofMinutes(1).toMillis());
    if (place instanceof InventoryPlace.Embedded) {
      config.setExceptionOverride(new EvictAfterFailure());
    }
    return config;
  }

  /**
   * @param file in use, and the only one that the source opens; null for any
   */
  private static DataSource source(
      InventoryPlace place, @Nullable DatabaseFile file, Duration lockWait) {
    if (file != null) {
      return SqliteSource.of(file, lockWait);
    }
    if (place instanceof InventoryPlace.Embedded embedded) {
      return SqliteSource.of(embedded.file(), lockWait);
    }
    if (place instanceof InventoryPlace.PostgreSql server) {
      return postgres(server);
    }
    throw new IllegalStateException("unknown kind of place: " + place);
  }

  private static PGSimpleDataSource postgres(InventoryPlace.PostgreSql place) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setConnectTimeout((int) DRIVER_PATIENCE.toSeconds());
    source.setSocketTimeout(SOCKET_SECONDS);
    source.setTcpKeepAlive(true);
    source.setApplicationName("tls-uplift");
    try {
      source.setUrl(place.url());
    } catch (IllegalArgumentException withUrl) {
      // The driver's message has the parameters, which may contain a password.
      throw new IllegalArgumentException(place + ": the PostgreSQL driver rejects the URL");
    }
    if (place.user() != null) {
      source.setUser(place.user());
    }
    if (place.password() != null) {
      source.setPassword(place.password());
    }
    return source;
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
      throw new SQLException(String.valueOf(failed), failed);
    }
  }

  /** Whether the file in use was deleted or replaced. Always false for PostgreSQL. */
  public boolean isReplaced() {
    return file != null && file.isReplaced();
  }

  /** Closes all connections. New ones are opened after {@link #createFile}. */
  public void reopen() {
    HikariDataSource before = pool;
    // First, so that readers wait for it instead of finding the closed one.
    pool = poolForWriting(place, file, lockWait);
    before.close();
  }

  /** The reason for a failure, in words for the operator. */
  public SQLException explain(SQLException failed) {
    return file == null ? failed : file.explain(failed);
  }

  /** Migrates the schema of the inventory. */
  public void migrate() throws SQLException {
    migrate(Schema.INVENTORY);
  }

  /**
   * Migrates a part of the schema. Daemons that start at the same time do this one after the other.
   * It gets its own connections, because the pool would close a failed one and Flyway would report
   * only that it is closed.
   */
  public void migrate(Schema schema) throws SQLException {
    try {
      new Migration(source(place, file, lockWait), schema, textType).run();
    } catch (SQLException failed) {
      // Flyway's own message has several lines.
      throw named(place, failed);
    }
  }

  Connection connect() throws SQLException {
    HikariDataSource current = pool;
    try {
      return current.getConnection();
    } catch (SQLTransientConnectionException none) {
      if (current != pool) {
        // It was closed while this thread waited for a connection.
        return connect();
      }
      throw named(place, none);
    }
  }

  /** Reports the error of the driver instead of the error of the pool. */
  private static SQLException named(InventoryPlace place, Exception failed) {
    return new SQLException(place + ": " + Recorder.reason(failed), failed);
  }

  /** Runs statements, each in its own transaction. */
  public <T> T run(HandleCallback<T, SQLException> statements) throws SQLException {
    return sqlErrors(() -> jdbi.withHandle(statements));
  }

  /** Runs statements in one transaction, which is rolled back if one of them fails. */
  public <T> T runTogether(HandleCallback<T, SQLException> statements) throws SQLException {
    return sqlErrors(() -> jdbi.inTransaction(statements));
  }

  /**
   * Reads one long list. PostgreSQL streams rows only within a transaction. SQLite always streams
   * rows, and a transaction there would block writers.
   */
  <T> T readList(HandleCallback<T, SQLException> statements) throws SQLException {
    return sharedServer ? runTogether(statements) : run(statements);
  }

  private interface Statements<T> {
    T run() throws SQLException;
  }

  private static <T> T sqlErrors(Statements<T> statements) throws SQLException {
    try {
      return statements.run();
    } catch (JdbiException wrapper) {
      for (Throwable cause = wrapper; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException failed) {
          throw failed;
        }
      }
      throw wrapper;
    }
  }

  /** Closes all connections, and waits for that for a limited time. */
  @Override
  public void close() {
    Thread closing = new Thread(pool::close, "uplift-inventory-close");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException sooner) {
      Thread.currentThread().interrupt();
    }
  }
}
