package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.keyfile.KeyFileException;

/**
 * The certificate authority cannot be created, read or used. The message is one line for the
 * operator, without key material.
 */
public final class CaException extends Exception {
  private static final long serialVersionUID = 1L;

  public CaException(String message) {
    super(message);
  }

  public CaException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exception for a file or directory that cannot be read or written. */
  static CaException of(String verb, Path path, IOException cause) {
    return of(KeyFileException.of(verb, path, cause));
  }

  /** The exception for a file or directory that other users can access. */
  static CaException exposed(Path path, String found, String mode) throws IOException {
    return new CaException(
        "%s is accessible to others (mode %s), but guards the CA's private key; %s"
            .formatted(path, found, FileModes.remedy(path, mode)));
  }

  static CaException of(KeyFileException cause) {
    return new CaException(String.valueOf(cause.getMessage()), cause);
  }
}
