package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The target of a plain HTTP request to a proxy: {@code http://host[:port]/path?query}, the
 * absolute form of RFC 9112 section 3.2.2.
 *
 * @param path the path and the query as the device wrote them; starts with a slash
 */
record RequestTarget(HostPort address, String path) {
  private static final int HTTP_PORT = 80;

  /** A scheme, an authority and the rest; RFC 3986 sections 3.1 and 3.2. */
  private static final Pattern ABSOLUTE =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([/?#].*)?");

  /** A request line has only visible ASCII, and no fragment (RFC 9112 section 3.2). */
  private static final Pattern SENDABLE = Pattern.compile("[!-~&&[^#]]*");

  private static final Pattern WITH_PORT = Pattern.compile("(?:[^:]*|\\[.*]):[0-9]+");

  /**
   * Reads the target of a request.
   *
   * @throws RefusedRequestException for another form, with the response text for the device
   */
  static RequestTarget parse(String text) throws RefusedRequestException {
    if (text.startsWith("/") || text.equals("*")) {
      throw bad(
          "the request is for a web server, but this is a proxy port",
          "set this address as HTTP proxy in the device, and not as its server");
    }
    Matcher matcher = ABSOLUTE.matcher(text);
    if (!matcher.matches() || !SENDABLE.matcher(text).matches()) {
      throw bad(
          "a plain request to a proxy needs an address of the form http://host[:port]/path",
          "correct the address in the device");
    }
    if (!matcher.group(1).equalsIgnoreCase("http")) {
      throw new RefusedRequestException(
          HttpResponseStatus.NOT_IMPLEMENTED,
          "the device requests a URL that is not 'http://'",
          "make the device use 'CONNECT host:443' for 'https://'");
    }
    return new RequestTarget(address(matcher.group(2)), path(matcher.group(3)));
  }

  private static HostPort address(String authority) throws RefusedRequestException {
    if (authority.indexOf('@') >= 0) {
      // RFC 9110 section 4.2.4: in a request to a proxy, this is an error or hides another host.
      throw bad(
          "the address holds a user name or password",
          "remove both from the address in the device");
    }
    String complete =
        WITH_PORT.matcher(authority).matches() ? authority : authority + ":" + HTTP_PORT;
    Optional<HostPort> address = HostPort.parse(complete);
    return address.orElseThrow(
        () ->
            bad(
                "the address names no valid host, or no port from 1 to 65535",
                "correct the address in the device"));
  }

  private static String path(@Nullable String rest) {
    if (rest == null) {
      return "/";
    }
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  private static RefusedRequestException bad(String cause, String remedy) {
    return new RefusedRequestException(HttpResponseStatus.BAD_REQUEST, cause, remedy);
  }

  /** The value of the Host field, without the default port. */
  String host() {
    String host = address.toString();
    return address.port() == HTTP_PORT ? host.substring(0, host.lastIndexOf(':')) : host;
  }
}
