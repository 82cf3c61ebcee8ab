package org.tlsuplift.server.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Error responses: one line for people and Prometheus, JSON for scripts. */
final class ErrorResponses {
  private ErrorResponses() {}

  /** Whether a path is for scripts. */
  static boolean isForScripts(String path) {
    return path.equals("/api") || path.startsWith("/api/");
  }

  /**
   * An error response.
   *
   * @param path of the request; under {@code /api/} the response is a problem detail (RFC 9457)
   * @param detail one line
   */
  static Response of(String path, int status, String detail) {
    if (!isForScripts(path)) {
      return Response.line(status, detail);
    }
    String problem =
        "{\"title\":%s,\"status\":%s,\"detail\":%s}\n"
            .formatted(
                quoted(HttpResponseStatus.valueOf(status).reasonPhrase()), status, quoted(detail));
    return Response.text(status, "application/problem+json", problem);
  }

  /** The text as a JSON string (RFC 8259 section 7). */
  static String quoted(String text) {
    return "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
