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

/**
 * The header of a message that is sent on: what is meant for one connection only is gone, and Via
 * tells that we stood between (RFC 9110 sections 7.6.1 and 7.6.3).
 */
public final class ForwardedHeaders {
  // In the case that has always been usual: old parsers may look for nothing else.
  static final String CONNECTION = "Connection";
  static final String CONTENT_LENGTH = "Content-Length";
  static final String HOST = "Host";
  private static final String VIA = "Via";

  /** By this name proxies of our kind know each other. */
  static final String PSEUDONYM = "tls-uplift";

  private static final Set<String> OF_ONE_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-authorization",
          // No standard, and sent all the same.
          "proxy-connection",
          "te",
          "upgrade");

  /** Those that say how long the content is; whoever sends a message on minds them himself. */
  private static final Set<String> OF_THE_CONTENT =
      Set.of("content-length", "transfer-encoding", "trailer");

  private ForwardedHeaders() {}

  /**
   * The head of an answer as it goes to the device, the only one on its connection; how long the
   * content is stays as it was.
   */
  public static HttpResponse rewritten(HttpResponse answer) {
    HttpHeaders headers = answer.headers().copy();
    removeConnectionFields(headers);
    addVia(answer, headers);
    headers.set(CONNECTION, HttpHeaderValues.CLOSE);
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status(), headers);
  }

  /** The header of a request as it is sent on, yet without Host and the length of the content. */
  static HttpHeaders ofRequest(HttpMessage request) {
    HttpHeaders headers = request.headers().copy();
    removeConnectionFields(headers);
    OF_THE_CONTENT.forEach(headers::remove);
    headers.remove(HOST).remove(HttpHeaderNames.EXPECT);
    return headers;
  }

  /** Says through which version the message came to us. */
  static void addVia(HttpMessage message, HttpHeaders headers) {
    headers.add(
        VIA,
        message.protocolVersion().majorVersion()
            + "."
            + message.protocolVersion().minorVersion()
            + " "
            + PSEUDONYM);
  }

  /** Whether one of our kind has sent the request on before. */
  static boolean cameThroughUs(HttpHeaders headers) {
    return headers.getAll(VIA).stream()
        .flatMap(field -> java.util.stream.Stream.of(field.split(",", -1)))
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
