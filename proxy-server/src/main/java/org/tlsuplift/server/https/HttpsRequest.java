package org.tlsuplift.server.https;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A request.
 *
 * @param method such as {@code GET}
 * @param target the path and the query
 * @param headers without Host, Content-Length and Connection
 * @param body UTF-8; empty for none
 */
public record HttpsRequest(String method, String target, Map<String, String> headers, String body) {
  public HttpsRequest {
    headers = Map.copyOf(headers);
  }

  /** A request for JSON. */
  public static HttpsRequest get(String target) {
    return new HttpsRequest("GET", target, Map.of("Accept", "application/json"), "");
  }

  byte[] content() {
    return body.getBytes(StandardCharsets.UTF_8);
  }
}
