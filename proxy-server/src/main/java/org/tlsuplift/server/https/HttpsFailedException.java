package org.tlsuplift.server.https;

import java.io.IOException;

/** There is no response; the message names the server and is for the operator. */
public final class HttpsFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  HttpsFailedException(String message) {
    super(message);
  }
}
