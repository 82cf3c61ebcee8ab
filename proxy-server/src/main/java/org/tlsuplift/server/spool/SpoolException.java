package org.tlsuplift.server.spool;

import java.io.IOException;

/** The database of the spool failed, or a message is damaged; one line for the operator. */
public final class SpoolException extends IOException {
  private static final long serialVersionUID = 1;

  public SpoolException(String message, Throwable cause) {
    super(message, cause);
  }

  public SpoolException(String message) {
    super(message);
  }

  /** Whether a message cannot be read and another attempt cannot help; the database works. */
  public boolean damaged() {
    return getCause() == null;
  }
}
