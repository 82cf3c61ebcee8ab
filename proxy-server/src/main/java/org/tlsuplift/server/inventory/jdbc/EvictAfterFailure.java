package org.tlsuplift.server.inventory.jdbc;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * No connection to SQLite is used again after it failed.
 *
 * <p>When another program holds the file, the driver fails to begin a transaction but records that
 * it began. The next transaction on this connection would not begin either: each row would be
 * written by itself, and no commit would succeed. The class has a file of its own because the enum
 * {@code Override} of its interface hides the annotation.
 */
final class EvictAfterFailure implements SQLExceptionOverride {
  @java.lang.Override
  public Override adjudicate(SQLException failed) {
    return Override.MUST_EVICT;
  }
}
