package org.tlsuplift.proxy.outcome;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Something failed that an operator can correct. The message is written for the operator: the cause
 * and the remedy, usually in one line, and no secret.
 *
 * <p>A subclass exists only where a caller treats one failure in another way than the rest.
 */
public class OperatorException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String message;

  public OperatorException(String message) {
    this(message, null);
  }

  public OperatorException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.message = message;
  }

  /** The exception for a file or directory that cannot be read or written. */
  public static OperatorException of(String verb, Path path, IOException cause) {
    String reason;
    if (cause instanceof AccessDeniedException) {
      reason = "permission denied; it must belong to the user that runs TLS Uplift";
    } else if (cause instanceof NoSuchFileException) {
      reason = "no such file; check the path";
    } else {
      reason = cause.getMessage() + "; check the disk and the path";
    }
    return new OperatorException("cannot " + verb + " " + path + ": " + reason, cause);
  }

  @Override
  public String getMessage() {
    return message;
  }
}
