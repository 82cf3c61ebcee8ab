package org.tlsuplift.server.inventory.jdbc;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * No connection to SQLite is used again after it failed.
 *
 * <p>When another program holds the file, the driver cannot begin a transaction, but remembers that
 * it did. On the next one nothing would be begun: each row would be written by itself, and no
 * commit would succeed, for as long as the connection lives.
 */
final class EvictAfterFailure implements SQLExceptionOverride {
  @java.lang.Override
  public Override adjudicate(SQLException failed) {
    return Override.MUST_EVICT;
  }
}
