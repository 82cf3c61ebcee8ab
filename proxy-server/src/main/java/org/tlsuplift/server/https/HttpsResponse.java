package org.tlsuplift.server.https;

import io.netty.handler.codec.http.FullHttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A complete response.
 *
 * @param headers by names without regard to case
 * @param body read as UTF-8
 */
public record HttpsResponse(int status, Map<String, List<String>> headers, String body) {
  static HttpsResponse of(FullHttpResponse response) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    response.headers().names().forEach(name -> headers.put(name, response.headers().getAll(name)));
    return new HttpsResponse(
        response.status().code(), headers, response.content().toString(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "status " + status;
  }
}
