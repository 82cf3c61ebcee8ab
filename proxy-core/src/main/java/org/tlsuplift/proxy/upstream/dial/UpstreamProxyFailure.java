package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.proxy.HttpProxyHandler.HttpProxyConnectException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;

/**
 * Why an upstream proxy gives no connection, in the operator's words.
 *
 * <p>Only numbers and plain letters of its response are repeated.
 *
 * @param reason {@link CloseReason#VIA_REFUSED}, or {@link CloseReason#VIA_UNREACHABLE} if it is
 *     silent
 * @param detail its response, and what to do
 */
record UpstreamProxyFailure(CloseReason reason, String detail) {
  /** Netty's messages begin so: protocol, authentication, addresses. */
  private static final Pattern PREAMBLE = Pattern.compile("^\\w+, \\w+, \\S+ => \\S+, ");

  private static final Pattern HTTP_STATUS = Pattern.compile("status: (\\d{3})\\b.*");
  private static final Pattern SOCKS_STATUS = Pattern.compile("status: \\w+\\((\\d{1,3})\\)");

  /** Netty's status for a response that is not HTTP. */
  private static final int NO_HTTP = 999;

  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,39}");

  /** Reads the failure that Netty's proxy handler reports. */
  static UpstreamProxyFailure of(UpstreamProxy via, HostPort origin, Throwable cause) {
    String message = PREAMBLE.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
    String proxy = "the proxy " + via.address();
    if (message.equals("timeout")) {
      return new UpstreamProxyFailure(
          CloseReason.VIA_UNREACHABLE, proxy + " took the connection, and did not answer in time");
    }
    Matcher http = HTTP_STATUS.matcher(message);
    if (http.matches()) {
      HttpHeaders headers =
          cause instanceof HttpProxyConnectException refused ? refused.headers() : null;
      return refused(http(via, origin, proxy, Integer.parseInt(http.group(1)), headers));
    }
    Matcher socks = SOCKS_STATUS.matcher(message);
    if (socks.matches()) {
      return refused(socks(origin, proxy, Integer.parseInt(socks.group(1))));
    }
    if (message.startsWith("authStatus: ")) {
      return refused(proxy + " refuses " + user(via) + ": check user and password file");
    }
    if (message.startsWith("unexpected authMethod: ")) {
      return refused(
          proxy
              + (via.credentials() == null
                  ? " wants a user and password, or is no SOCKS 5 proxy: " + how(via)
                  : " takes no user and password, or is no SOCKS 5 proxy"));
    }
    return refused(
        proxy
            + " ended the connection without an answer: is it "
            + (via.protocol() == UpstreamProxy.Protocol.HTTP ? "an HTTP" : "a SOCKS 5")
            + " proxy, and may this machine use it?");
  }

  private static UpstreamProxyFailure refused(String detail) {
    return new UpstreamProxyFailure(CloseReason.VIA_REFUSED, detail);
  }

  private static String http(
      UpstreamProxy via, HostPort origin, String proxy, int status, @Nullable HttpHeaders headers) {
    if (status == NO_HTTP) {
      return proxy + " answered with what is no HTTP: is it an HTTP proxy?";
    }
    String answered =
        proxy + " answered " + status + " to CONNECT " + origin + details(headers) + ": ";
    return answered
        + switch (status) {
          case 401, 403 -> "allow that host and port there, for this machine";
          case 407 ->
              via.credentials() == null
                  ? "it wants a user and password: " + how(via)
                  : "it refuses %s: check user and password file%s"
                      .formatted(
                          user(via),
                          offersBasic(headers) ? "" : "; TLS Uplift signs in by Basic only");
          case 405, 501 -> "it gives no connections by CONNECT";
          case 502, 503, 504 -> "it cannot reach the origin itself, or has no name for it";
          default -> "its log tells why";
        };
  }

  private static String socks(HostPort origin, String proxy, int reply) {
    String why =
        switch (reply) {
          case 1 -> "general failure; its log tells why";
          case 2 -> "its rules forbid it: allow that host and port there, for this machine";
          case 3 -> "the network of the origin cannot be reached from there";
          case 4 -> "the origin cannot be reached from there, or has no name there";
          case 5 -> "the origin refuses the connection";
          case 6 -> "the origin is too far away from there (TTL expired)";
          case 7 -> "it does not know the command CONNECT";
          case 8 -> "it does not know this kind of address";
          default -> "its log tells why";
        };
    return proxy + " answered " + reply + " to a connection to " + origin + ": " + why;
  }

  /** Squid's error, and the authentication schemes. */
  private static String details(@Nullable HttpHeaders headers) {
    if (headers == null) {
      return "";
    }
    String schemes = String.join(", ", schemes(headers));
    String details =
        Stream.of(word(headers.get("X-Squid-Error", "")), schemes)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; "));
    return details.isEmpty() ? "" : " (" + details + ")";
  }

  private static boolean offersBasic(@Nullable HttpHeaders headers) {
    return headers == null
        || schemes(headers).isEmpty()
        || schemes(headers).stream().anyMatch("Basic"::equalsIgnoreCase);
  }

  private static List<String> schemes(HttpHeaders headers) {
    return headers.getAll(HttpHeaderNames.PROXY_AUTHENTICATE).stream()
        .map(UpstreamProxyFailure::word)
        .filter(word -> !word.isEmpty())
        .limit(4)
        .toList();
  }

  private static String word(String text) {
    Matcher word = WORD.matcher(text);
    return word.lookingAt() ? word.group() : "";
  }

  private static String user(UpstreamProxy via) {
    return via.credentials() == null ? "us" : "user '" + via.credentials().user() + "'";
  }

  private static String how(UpstreamProxy via) {
    return "write 'via: %s://USER:PASSWORD-FILE@%s'"
        .formatted(via.protocol().scheme(), via.address());
  }
}
