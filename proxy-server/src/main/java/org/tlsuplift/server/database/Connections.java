package org.tlsuplift.server.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A bounded number of connections to one database. Thread-safe. */
interface Connections extends AutoCloseable {
  /** The most connections at a time. */
  int MAX = 4;

  /** The longest wait for a connection. Longer than the driver's own limits, which have reasons. */
  Duration LONGEST_WAIT = Duration.ofSeconds(5);

  /** What needs a connection for a short time. */
  interface Use<T> {
    T with(Connection connection) throws SQLException;
  }

  /**
   * Uses a connection. A connection that failed is not used again.
   *
   * @throws SQLException if none can be opened, or from the use of it
   */
  <T> T use(Use<T> use) throws SQLException;

  @Override
  void close();
}
