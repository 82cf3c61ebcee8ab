package org.tlsuplift.server.spool;

import java.io.IOException;
import java.util.List;
import org.tlsuplift.server.feature.Explained;

/** The database of the spool failed, or a message is damaged; one line for the operator. */
public final class SpoolException extends IOException implements Explained {
  private static final long serialVersionUID = 1;

  private final transient List<String> undelivered;

  public SpoolException(String message, Throwable cause) {
    super(message, cause);
    undelivered = List.of();
  }

  public SpoolException(String message) {
    this(message, List.of());
  }

  SpoolException(String message, List<String> undelivered) {
    super(message);
    this.undelivered = List.copyOf(undelivered);
  }

  /** The recipients who do not get a damaged message; empty if the envelope is not proven. */
  public List<String> undelivered() {
    return undelivered;
  }

  /** Whether a message cannot be read and another attempt cannot help; the database works. */
  public boolean damaged() {
    return getCause() == null;
  }
}
