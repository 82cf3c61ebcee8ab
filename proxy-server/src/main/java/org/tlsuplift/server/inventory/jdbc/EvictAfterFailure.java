package org.tlsuplift.server.inventory.jdbc;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Makes the pool close each SQLite connection that failed.
 *
 * <p>If another program locks the file, the driver fails to begin a transaction but records that it
 * began. The next transaction on this connection would not begin either: each row would be
 * committed separately, and each commit would fail. This class has its own file because the enum
 * {@code Override} of its interface hides the annotation.
 */
final class EvictAfterFailure implements SQLExceptionOverride {
  @java.lang.Override
  public Override adjudicate(SQLException failed) {
    return Override.MUST_EVICT;
  }
}
