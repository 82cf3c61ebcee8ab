package org.tlsuplift.server.admin;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.tlsuplift.server.web.Response;

/** Errors in the form that suits who asked: people and Prometheus a line, scripts JSON. */
final class ErrorResponses {
  private ErrorResponses() {}

  /** Whether scripts ask there, and no people. */
  static boolean isForScripts(String path) {
    return path.equals("/api") || path.startsWith("/api/");
  }

  /**
   * An error.
   *
   * @param path what was asked for; under {@code /api/} the answer is a problem detail (RFC 9457)
   * @param detail one line
   */
  static Response of(String path, int status, String detail) {
    if (!isForScripts(path)) {
      return Response.line(status, detail);
    }
    String problem =
        "{\"title\":"
            + quoted(HttpResponseStatus.valueOf(status).reasonPhrase())
            + ",\"status\":"
            + status
            + ",\"detail\":"
            + quoted(detail)
            + "}\n";
    return Response.text(status, "application/problem+json", problem);
  }

  /** The text as a JSON string (RFC 8259 section 7). */
  private static String quoted(String text) {
    return "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
