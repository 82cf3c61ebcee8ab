package org.tlsuplift.server.inventory;

import java.sql.SQLException;

/**
 * Takes what is read, one by one.
 *
 * @param <T> what it takes
 */
public interface SqlConsumer<T> {
  /**
   * Takes one.
   *
   * @throws SQLException when a further query for it fails
   */
  void accept(T read) throws SQLException;
}
