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
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.route.UpstreamProxy;

/**
 * Why an upstream proxy gives no connection, in the operator's words.
 *
 * <p>Only numbers and plain letters of its response are repeated.
 *
 * @param reason {@link CloseReason#VIA_REFUSED}, or {@link CloseReason#VIA_UNREACHABLE} if it is
 *     silent
 * @param why its response, and what to do
 */
record UpstreamProxyFailure(CloseReason reason, Explanation why) {
  /** Netty's messages begin so: protocol, authentication, addresses. */
  private static final Pattern PREAMBLE = Pattern.compile("^\\w+, \\w+, \\S+ => \\S+, ");

  private static final Pattern HTTP_STATUS = Pattern.compile("status: (\\d{3})\\b.*");
  private static final Pattern SOCKS_STATUS = Pattern.compile("status: \\w+\\((\\d{1,3})\\)");

  private static final String CHECK_PASSWORD = "check user and password file of 'via'";
  private static final String CHECK_FROM_THERE = "check the way from that proxy to the origin";
  private static final String READ_ITS_LOG = "look into the log of that proxy";

  /** Longer names are cut. */
  private static final int MAX_ORIGIN = 50;

  /** Netty's status for a response that is not HTTP. */
  private static final int NO_HTTP = 999;

  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,39}");

  /** Reads the failure that Netty's proxy handler reports. */
  static UpstreamProxyFailure of(UpstreamProxy via, HostPort origin, Throwable cause) {
    String message = PREAMBLE.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
    String proxy = "the proxy " + via.address();
    if (message.equals("timeout")) {
      return new UpstreamProxyFailure(
          CloseReason.VIA_UNREACHABLE,
          Explanation.of(proxy + " accepted the connection, and did not respond in time"));
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
      return refused(proxy + " refuses " + user(via), CHECK_PASSWORD);
    }
    if (message.startsWith("unexpected authMethod: ")) {
      return via.credentials() == null
          ? refused(proxy + " demands a user and password, or is no SOCKS 5 proxy", how(via))
          : refused(
              proxy + " accepts no user and password, or is no SOCKS 5 proxy",
              "remove user and password from 'via', or check its port");
    }
    return refused(
        proxy + " ended the connection without a response",
        "check that it is "
            + (via.protocol() == UpstreamProxy.Protocol.HTTP ? "an HTTP" : "a SOCKS 5")
            + " proxy, and that this machine may use it");
  }

  /** It demands a sign-in for a request in plain HTTP, which it gets with every request. */
  static Explanation ofPlainRequest(UpstreamProxy via, HttpHeaders headers) {
    String proxy = "the proxy " + via.address();
    return signIn(via, proxy, proxy + " responded 407", headers);
  }

  private static UpstreamProxyFailure refused(String cause, String remedy) {
    return refused(Explanation.of(cause, remedy));
  }

  private static UpstreamProxyFailure refused(Explanation why) {
    return new UpstreamProxyFailure(CloseReason.VIA_REFUSED, why);
  }

  private static Explanation http(
      UpstreamProxy via, HostPort origin, String proxy, int status, @Nullable HttpHeaders headers) {
    if (status == NO_HTTP) {
      return Explanation.of(proxy + " did not respond with HTTP", "check that it is an HTTP proxy");
    }
    String responded = proxy + " responded " + status + " to CONNECT" + details(headers);
    return switch (status) {
      case 401, 403 ->
          Explanation.of(responded, "allow " + shown(origin) + " there, for this machine");
      case 407 -> signIn(via, proxy, responded, headers);
      case 405, 501 -> Explanation.of(responded, "enable the method CONNECT there");
      case 502, 503, 504 ->
          Explanation.of(responded, "check from there whether the origin is resolved and reached");
      default -> Explanation.of(responded, READ_ITS_LOG);
    };
  }

  /** Signing in by NTLM or Kerberos would need an account of the domain on this machine. */
  private static Explanation signIn(
      UpstreamProxy via, String proxy, String responded, @Nullable HttpHeaders headers) {
    if (headers != null && !offersBasic(headers)) {
      return Explanation.of(
          proxy + " accepts only " + String.join(", ", schemes(headers)) + " (407)",
          "allow this machine there without sign-in, or by Basic: only that is supported");
    }
    return via.credentials() == null
        ? Explanation.of(responded, how(via))
        : new Explanation(proxy + " refuses " + user(via) + " (407)", CHECK_PASSWORD, responded);
  }

  private static Explanation socks(HostPort origin, String proxy, int reply) {
    String allow = "allow " + shown(origin) + " there, for this machine";
    return switch (reply) {
      case 1 -> socks(proxy, "general failure", READ_ITS_LOG);
      case 2 -> socks(proxy, "not allowed by its rules", allow);
      case 3 -> socks(proxy, "network unreachable", CHECK_FROM_THERE);
      case 4 -> socks(proxy, "host unreachable", CHECK_FROM_THERE);
      case 5 -> socks(proxy, "connection refused by the origin", CHECK_FROM_THERE);
      case 6 -> socks(proxy, "TTL expired", CHECK_FROM_THERE);
      case 7 -> socks(proxy, "command CONNECT not supported", "allow CONNECT there");
      case 8 -> socks(proxy, "address type not supported", "use a name for the origin");
      default -> socks(proxy, "error " + reply, READ_ITS_LOG);
    };
  }

  private static Explanation socks(String proxy, String reply, String remedy) {
    return Explanation.of(proxy + " replied: " + reply, remedy);
  }

  private static String shown(HostPort origin) {
    return ShortText.cut(origin.toString(), MAX_ORIGIN);
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

  private static boolean offersBasic(HttpHeaders headers) {
    return schemes(headers).isEmpty()
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
    return "set 'via: %s://USER:PASSWORD-FILE@%s'"
        .formatted(via.protocol().scheme(), ShortText.cut(via.address().toString(), MAX_ORIGIN));
  }
}
