package org.tlsuplift.server.http.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Response;

/** The link to the next page of a list (RFC 8288). */
final class NextPage {
  static final String TOTAL = "X-Total-Count";

  private NextPage() {}

  /** Adds the number of all, and links the next page, if there is one. */
  static Response counted(Response response, Request request, int offset, int limit, long total) {
    Response counted = response.with(TOTAL, Long.toString(total));
    long next = (long) offset + limit;
    return next >= total ? counted : counted.with("Link", link(request, next));
  }

  /** The link to this request with another offset. */
  private static String link(Request request, long offset) {
    Map<String, String> parameters = new TreeMap<>();
    request.parameters().forEach((name, values) -> parameters.put(name, values.get(0)));
    parameters.put("offset", Long.toString(offset));
    String following =
        parameters.entrySet().stream()
            .map(
                each ->
                    each.getKey()
                        + "="
                        + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return "<" + request.path() + "?" + following + ">; rel=\"next\"";
  }
}
