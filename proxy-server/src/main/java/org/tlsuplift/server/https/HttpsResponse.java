package org.tlsuplift.server.https;

import java.util.List;
import java.util.Map;

/**
 * A complete response.
 *
 * @param headers by names without regard to case
 * @param body read as UTF-8
 */
public record HttpsResponse(int status, Map<String, List<String>> headers, String body) {
  @Override
  public String toString() {
    return "status " + status;
  }
}
