package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cookies of a session and of a sign-in at an OpenID provider (RFC 6265). With the prefix,
 * browsers accept it from this host by TLS only; without TLS, on loopback, they would refuse that
 * name.
 */
final class Cookies {
  private static final String SESSION = "tlsuplift-session";
  private static final String OPEN_ID = "tlsuplift-openid";
  private static final String ATTRIBUTES = "; Path=/; HttpOnly; SameSite=";

  private Cookies() {}

  private static String name(String name, boolean tls) {
    return tls ? "__Host-" + name : name;
  }

  /** The id of the session of a request; empty if there is none or more than one. */
  static Optional<String> session(HttpHeaders headers, boolean tls) {
    return value(headers, name(SESSION, tls));
  }

  /** The value of the cookie of a sign-in at an OpenID provider. */
  static Optional<String> openId(HttpHeaders headers, boolean tls) {
    return value(headers, name(OPEN_ID, tls));
  }

  private static Optional<String> value(HttpHeaders headers, String name) {
    String start = name + "=";
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
    return name(SESSION, tls) + "=" + id + ATTRIBUTES + "Strict" + (tls ? "; Secure" : "");
  }

  /**
   * Sets the cookie of a sign-in for ten minutes. The provider's page sends the browser back, and
   * browsers send no Strict cookie with a request that another site has started. Lax cookies go
   * with such a request only if it opens a page by GET, and this one gives no access: it proves
   * that the response belongs to a sign-in of this browser.
   */
  static String setOpenId(String value, boolean tls) {
    return "%s=%s; Max-Age=600%sLax%s"
        .formatted(name(OPEN_ID, tls), value, ATTRIBUTES, tls ? "; Secure" : "");
  }

  static String delete(boolean tls) {
    return set("", tls) + "; Max-Age=0";
  }
}
