package org.tlsuplift.server.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to a SQLite file. One stays open between two uses, so that SQLite does not move its
 * log into the file and delete it after each of them.
 *
 * <p>A connection that failed is closed: if another program locks the file, the driver fails to
 * begin a transaction but records that it began. The next transaction on this connection would not
 * begin either: each row would be committed separately, and each commit would fail.
 */
final class SqliteConnections implements Connections {
  private static final Logger log = LoggerFactory.getLogger(SqliteConnections.class);

  private final DatabasePlace place;
  private final SqliteSource source;
  private final Semaphore free = new Semaphore(MAX, true);
  private @Nullable Connection idle;
  private int generation;
  private boolean closed;

  SqliteConnections(DatabasePlace place, SqliteSource source) {
    this.place = place;
    this.source = source;
  }

  @Override
  public <T> T use(Use<T> use) throws SQLException {
    acquire();
    try {
      int current;
      Connection connection;
      synchronized (this) {
        if (closed) {
          throw new SQLException(place + ": closed, because the daemon ends");
        }
        current = generation;
        connection = idle;
        idle = null;
      }
      if (connection == null) {
        connection = open();
      }
      return use(connection, use, current);
    } finally {
      free.release();
    }
  }

  private void acquire() throws SQLException {
    try {
      if (!free.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SQLException(place + ": all " + MAX + " connections are in use");
      }
    } catch (InterruptedException ends) {
      Thread.currentThread().interrupt();
      throw new SQLException(place + ": interrupted", ends);
    }
  }

  private Connection open() throws SQLException {
    try {
      return source.getConnection();
    } catch (SQLException failed) {
      throw Database.named(place, failed);
    }
  }

  private <T> T use(Connection connection, Use<T> use, int current) throws SQLException {
    boolean succeeded = false;
    try {
      T result = use.with(connection);
      succeeded = true;
      return result;
    } finally {
      if (!succeeded || !isKept(connection, current)) {
        close(connection);
      }
    }
  }

  private void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException failed) {
      log.debug("{}: a connection was not closed", place, failed);
    }
  }

  private synchronized boolean isKept(Connection connection, int current) {
    if (closed || idle != null || current != generation) {
      return false;
    }
    idle = connection;
    return true;
  }

  /** Closes the connection that is open, and those in use after that. */
  synchronized void reset() {
    generation++;
    if (idle != null) {
      close(idle);
      idle = null;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    reset();
  }
}
