package org.tlsuplift.server.database;

import java.sql.SQLException;

/** The database did not confirm a commit: the transaction may have been committed. */
public final class UnansweredCommitException extends SQLException {
  private static final long serialVersionUID = 1L;

  UnansweredCommitException(SQLException failed) {
    super(failed.getMessage(), failed.getSQLState(), failed);
  }
}
