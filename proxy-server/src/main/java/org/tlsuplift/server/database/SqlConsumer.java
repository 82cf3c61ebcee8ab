package org.tlsuplift.server.database;

import java.sql.SQLException;

/** Receives rows one by one. */
public interface SqlConsumer<T> {
  /**
   * @throws SQLException if a further query fails
   */
  void accept(T read) throws SQLException;
}
