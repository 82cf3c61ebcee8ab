package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Builds the header of a forwarded message: it removes the fields of one connection and adds Via
 * (RFC 9110 sections 7.6.1 and 7.6.3).
 */
public final class ForwardedHeaders {
  // The usual letter case, because old parsers may compare it.
  static final String CONNECTION = "Connection";
  static final String CONTENT_LENGTH = "Content-Length";
  static final String HOST = "Host";
  private static final String VIA = "Via";

  /** Instances of this proxy recognise each other by this name. */
  static final String PSEUDONYM = "tls-uplift";

  private static final Set<String> OF_ONE_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-authorization",
          // Not standardised, but often sent.
          "proxy-connection",
          "te",
          "upgrade");

  /** The fields about the content's length; the caller sets them. */
  private static final Set<String> OF_THE_CONTENT =
      Set.of("content-length", "transfer-encoding", "trailer");

  private ForwardedHeaders() {}

  /**
   * The head of a response for the device. It closes the connection, and keeps the content length.
   */
  public static HttpResponse rewritten(HttpResponse answer) {
    HttpHeaders headers = answer.headers().copy();
    removeConnectionFields(headers);
    addVia(answer, headers);
    headers.set(CONNECTION, HttpHeaderValues.CLOSE);
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status(), headers);
  }

  /** The header of a forwarded request, without Host and the content length. */
  static HttpHeaders ofRequest(HttpMessage request) {
    HttpHeaders headers = request.headers().copy();
    removeConnectionFields(headers);
    OF_THE_CONTENT.forEach(headers::remove);
    headers.remove(HOST).remove(HttpHeaderNames.EXPECT);
    return headers;
  }

  /** Adds a Via entry with the HTTP version of the received message. */
  static void addVia(HttpMessage message, HttpHeaders headers) {
    headers.add(
        VIA,
        "%s.%s %s"
            .formatted(
                message.protocolVersion().majorVersion(),
                message.protocolVersion().minorVersion(),
                PSEUDONYM));
  }

  /** Whether an instance of this proxy has already forwarded the request. */
  static boolean cameThroughUs(HttpHeaders headers) {
    return headers.getAll(VIA).stream()
        .flatMap(field -> Stream.of(field.split(",", -1)))
        .map(entry -> entry.strip().split("\\s+", 3))
        .anyMatch(entry -> entry.length > 1 && entry[1].equalsIgnoreCase(PSEUDONYM));
  }

  private static void removeConnectionFields(HttpHeaders headers) {
    for (String named : headers.getAllAsString(CONNECTION)) {
      for (String name : named.split(",", -1)) {
        String field = name.strip().toLowerCase(Locale.ROOT);
        if (!field.isEmpty() && !OF_THE_CONTENT.contains(field)) {
          headers.remove(field);
        }
      }
    }
    OF_ONE_CONNECTION.forEach(headers::remove);
  }
}
