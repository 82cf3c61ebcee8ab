package org.tlsuplift.server.backup;

/**
 * A backup cannot be written, read or restored. The message is one line for the operator, without
 * secrets.
 */
public final class BackupException extends Exception {
  private static final long serialVersionUID = 1L;

  public BackupException(String message) {
    super(message);
  }

  public BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
