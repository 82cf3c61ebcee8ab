package org.tlsuplift.server.testing.platform;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request to an endpoint. Its text form has no parameters.
 *
 * @param time when it came
 * @param method of HTTP
 * @param path with the tenant
 * @param parameters of the body, or else of the query
 */
public record PlatformRequest(
    Instant time, String method, String path, Map<String, String> parameters) {
  private static final int LONGEST = 100_000;

  static PlatformRequest read(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String text =
        exchange.getRequestMethod().equals("POST")
            ? new String(exchange.getRequestBody().readNBytes(LONGEST), StandardCharsets.UTF_8)
            : query == null ? "" : query;
    return new PlatformRequest(
        Instant.now(),
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        parameters(text));
  }

  static Map<String, String> parameters(String text) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2) {
        parameters.put(decode(parts[0]), decode(parts[1]));
      }
    }
    return parameters;
  }

  /** A parameter, or an empty text. */
  public String get(String parameter) {
    return parameters.getOrDefault(parameter, "");
  }

  /** The first element of the path: a tenant. */
  public String tenant() {
    return path.split("/", 3)[1];
  }

  /** The path without the tenant. */
  public String endpoint() {
    String[] parts = path.split("/", 3);
    return parts.length < 3 ? "" : parts[2];
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return time + " " + method + " " + path + " " + get("grant_type");
  }
}
