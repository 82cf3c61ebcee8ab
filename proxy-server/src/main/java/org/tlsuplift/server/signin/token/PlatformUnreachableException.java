package org.tlsuplift.server.signin.token;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The identity platform is unreachable or does not respond; the message is for the operator. */
final class PlatformUnreachableException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, List<String>> headers;

  PlatformUnreachableException(String message) {
    this(message, Map.of());
  }

  PlatformUnreachableException(String message, Map<String, List<String>> headers) {
    super(message);
    this.headers = headers;
  }

  Map<String, List<String>> headers() {
    return headers;
  }
}
