package org.tlsuplift.server.admin;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.tlsuplift.server.web.Request;
import reactor.netty.http.server.HttpServerRequest;

/** Converts a request of the HTTP library. */
final class RequestReader {
  /** More than twice as many as any page uses. */
  private static final int MAX_PARAMETERS = 32;

  private RequestReader() {}

  /**
   * The request for a resource.
   *
   * @throws IllegalArgumentException if the percent-encoding of the query is invalid
   */
  static Request read(HttpServerRequest request, String variable) {
    Map<String, List<String>> parameters =
        new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8, true, MAX_PARAMETERS)
            .parameters();
    Map<String, List<String>> headers = new TreeMap<>();
    HttpHeaders received = request.requestHeaders();
    for (Map.Entry<String, String> header : received) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.getValue());
    }
    headers.remove("authorization");
    return new Request(request.fullPath(), variable, parameters, headers);
  }
}
