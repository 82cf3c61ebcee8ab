package org.tlsuplift.server.token;

import java.io.IOException;

/** The identity platform could not be asked, or did not answer; the message is for the operator. */
final class PlatformUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  PlatformUnreachableException(String message) {
    super(message);
  }
}
