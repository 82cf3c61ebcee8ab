package org.tlsuplift.server.spool;

import java.io.IOException;

/**
 * The database of the spool failed, or, without a cause, a message is damaged. One line for the
 * operator.
 */
public final class SpoolException extends IOException {
  private static final long serialVersionUID = 1;

  public SpoolException(String message, Throwable cause) {
    super(message, cause);
  }

  public SpoolException(String message) {
    super(message);
  }
}
