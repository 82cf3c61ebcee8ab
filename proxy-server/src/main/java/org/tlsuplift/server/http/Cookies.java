package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cookie of a session (RFC 6265). With the prefix, browsers accept it from this host by TLS
 * only; without TLS, on loopback, they would refuse that name.
 */
final class Cookies {
  private static final String NAME = "tlsuplift-session";
  private static final String ATTRIBUTES = "; Path=/; HttpOnly; SameSite=Strict";

  private Cookies() {}

  private static String name(boolean tls) {
    return tls ? "__Host-" + NAME : NAME;
  }

  /** The id of the session of a request; empty if there is none or more than one. */
  static Optional<String> session(HttpHeaders headers, boolean tls) {
    String start = name(tls) + "=";
    List<String> found =
        headers.getAll(HttpHeaderNames.COOKIE).stream()
            .flatMap(header -> Stream.of(header.split(";", -1)))
            .map(String::strip)
            .filter(cookie -> cookie.startsWith(start))
            .map(cookie -> cookie.substring(start.length()))
            .toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /** Sets the cookie until the browser ends. */
  static String set(String id, boolean tls) {
    return name(tls) + "=" + id + ATTRIBUTES + (tls ? "; Secure" : "");
  }

  static String delete(boolean tls) {
    return set("", tls) + "; Max-Age=0";
  }
}
