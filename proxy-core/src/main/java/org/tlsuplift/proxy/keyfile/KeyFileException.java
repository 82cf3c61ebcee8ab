package org.tlsuplift.proxy.keyfile;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file with keys or certificates cannot be used. The message is one line for the operator,
 * without key material.
 */
public final class KeyFileException extends Exception {
  private static final long serialVersionUID = 1L;

  public KeyFileException(String message) {
    super(message);
  }

  public KeyFileException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exception for a file or directory that cannot be read or written. */
  public static KeyFileException of(String verb, Path path, IOException cause) {
    String reason;
    if (cause instanceof AccessDeniedException) {
      reason = "permission denied; it must belong to the user that runs TLS Uplift";
    } else if (cause instanceof NoSuchFileException) {
      reason = "no such file; check the path";
    } else {
      reason = cause.getMessage() + "; check the disk and the path";
    }
    return new KeyFileException("cannot " + verb + " " + path + ": " + reason, cause);
  }
}
