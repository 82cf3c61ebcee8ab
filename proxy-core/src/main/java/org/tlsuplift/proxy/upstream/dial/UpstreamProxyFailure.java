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
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.UpstreamProxy;

/**
 * Explains why an upstream proxy did not connect to the origin.
 *
 * <p>From the proxy's response, the text repeats only numbers and plain letters.
 *
 * @param reason {@link CloseReason#VIA_REFUSED}, or {@link CloseReason#VIA_UNREACHABLE} if the
 *     proxy did not respond
 * @param why the proxy's response, and the remedy
 */
record UpstreamProxyFailure(CloseReason reason, Explanation why) {
  /**
   * Netty's messages start with protocol, authentication and addresses.
   *
   * <p>To report: "ProxyConnectException has the proxy's status only in its message." Delete these
   * patterns when it has a method for it.
   */
  private static final Pattern PREAMBLE = Pattern.compile("^\\w+, \\w+, \\S+ => \\S+, ");

  private static final Pattern HTTP_STATUS = Pattern.compile("status: (\\d{3})\\b.*");
  private static final Pattern SOCKS_STATUS = Pattern.compile("status: \\w+\\((\\d{1,3})\\)");

  private static final String CHECK_PASSWORD = "check the user and password file in 'via'";
  private static final String CHECK_FROM_THERE =
      "check the connection from that proxy to the origin";
  private static final String CHECK_LOG = "check that proxy's log";
  private static final String USE_CNTLM =
      ", or use cntlm: 'tls-uplift manual corporate-proxy#pass-a-proxy-that-requires-ntlm'";

  /** Longer names are cut. */
  private static final int MAX_ORIGIN = 50;

  /** Netty's status for a response that is not HTTP. */
  private static final int NO_HTTP = 999;

  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,39}");

  /** Explains the failure that Netty's proxy handler reports. */
  static UpstreamProxyFailure of(UpstreamProxy via, HostPort origin, Throwable cause) {
    String message = PREAMBLE.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
    String proxy = "proxy " + via.address();
    if (message.equals("timeout")) {
      return new UpstreamProxyFailure(
          CloseReason.VIA_UNREACHABLE,
          Explanation.of(proxy + " accepted the connection but did not respond in time"));
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
          ? refused(proxy + " requires a user and password, or is not a SOCKS 5 proxy", how(via))
          : refused(
              proxy + " accepts no user and password, or is not a SOCKS 5 proxy",
              "remove the user and password from 'via', or check its port");
    }
    return refused(
        proxy + " closed the connection without a response",
        "check that it is "
            + (via.protocol() == UpstreamProxy.Protocol.HTTP ? "an HTTP" : "a SOCKS 5")
            + " proxy, and that this machine may use it");
  }

  /**
   * Explains response 407 to a plain HTTP request. Every such request already has the credentials.
   */
  static Explanation ofPlainRequest(UpstreamProxy via, HttpHeaders headers) {
    String proxy = "proxy " + via.address();
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
          Explanation.of(responded, "allow " + shown(origin) + " on that proxy, for this machine");
      case 407 -> signIn(via, proxy, responded, headers);
      case 405, 501 -> Explanation.of(responded, "enable the CONNECT method on that proxy");
      case 502, 503, 504 ->
          Explanation.of(
              responded, "check on that proxy whether it can resolve and reach the origin");
      default -> Explanation.of(responded, CHECK_LOG);
    };
  }

  /**
   * NTLM and Kerberos would require a domain account on this machine, so only Basic is supported.
   */
  private static Explanation signIn(
      UpstreamProxy via, String proxy, String responded, @Nullable HttpHeaders headers) {
    if (headers != null && !offersBasic(headers)) {
      return Explanation.of(
          proxy + " accepts only " + String.join(", ", schemes(headers)) + " (407)",
          "on that proxy, allow this machine without sign-in or with Basic"
              + (offers(headers, "NTLM") ? USE_CNTLM : ""));
    }
    return via.credentials() == null
        ? Explanation.of(responded, how(via))
        : new Explanation(proxy + " refuses " + user(via) + " (407)", CHECK_PASSWORD, responded);
  }

  private static Explanation socks(HostPort origin, String proxy, int reply) {
    String allow = "allow " + shown(origin) + " on that proxy, for this machine";
    return switch (reply) {
      case 1 -> socks(proxy, "general failure", CHECK_LOG);
      case 2 -> socks(proxy, "not allowed by the proxy's rules", allow);
      case 3 -> socks(proxy, "network unreachable", CHECK_FROM_THERE);
      case 4 -> socks(proxy, "host unreachable", CHECK_FROM_THERE);
      case 5 -> socks(proxy, "connection refused by the origin", CHECK_FROM_THERE);
      case 6 -> socks(proxy, "TTL expired", CHECK_FROM_THERE);
      case 7 -> socks(proxy, "command CONNECT not supported", "allow CONNECT on that proxy");
      case 8 -> socks(proxy, "address type not supported", "use a host name for the origin");
      default -> socks(proxy, "error " + reply, CHECK_LOG);
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
    return schemes(headers).isEmpty() || offers(headers, "Basic");
  }

  private static boolean offers(HttpHeaders headers, String scheme) {
    return schemes(headers).stream().anyMatch(scheme::equalsIgnoreCase);
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
    return via.credentials() == null ? "this machine" : "user '" + via.credentials().user() + "'";
  }

  private static String how(UpstreamProxy via) {
    return "set 'via: %s://USER:PASSWORD-FILE@%s'"
        .formatted(via.protocol().scheme(), ShortText.cut(via.address().toString(), MAX_ORIGIN));
  }
}
