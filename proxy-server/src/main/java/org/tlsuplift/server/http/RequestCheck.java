package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** Checks whether a request is valid HTTP, before any other code reads it. */
final class RequestCheck {
  private RequestCheck() {}

  /**
   * The reason why a request is invalid.
   *
   * @param status from 400 to 599
   * @param reason a label for the log
   * @param detail one line for the sender
   */
  record Fault(int status, String reason, String detail) {}

  static Optional<Fault> fault(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return Optional.of(undecodable(request.decoderResult().cause()));
    }
    if (request.protocolVersion().majorVersion() != 1) {
      return Optional.of(new Fault(505, "version", "only HTTP/1.1 and HTTP/1.0 are supported"));
    }
    return isTarget(request.uri())
        ? Optional.empty()
        : Optional.of(
            new Fault(
                400,
                "target",
                "the path or the query has characters that must be percent-encoded (RFC 3986)"));
  }

  private static Fault undecodable(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new Fault(
          414,
          "long_target",
          "the request line is longer than " + AdminLimits.MAX_REQUEST_LINE + " bytes");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new Fault(
          431, "long_headers", "the headers are longer than " + AdminLimits.MAX_HEADERS + " bytes");
    }
    return new Fault(400, "malformed", "this is not HTTP/1.1 (RFC 9112)");
  }

  /** The usual form, and that of requests to proxies (RFC 9112 section 3.2). */
  private static boolean isTarget(String target) {
    String uri = target.startsWith("/") ? "http://localhost" + target : target;
    if (!uri.chars().allMatch(each -> each > ' ' && each < 0x7f)) {
      return false;
    }
    try {
      return new URI(uri).getHost() != null || target.equals("*");
    } catch (URISyntaxException unreadable) {
      return false;
    }
  }
}
