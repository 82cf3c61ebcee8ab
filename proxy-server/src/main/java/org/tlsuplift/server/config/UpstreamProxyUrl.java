package org.tlsuplift.server.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.config.binding.FilePath;

/** Parses the URL of an upstream proxy; errors repeat nothing of it. */
final class UpstreamProxyUrl {
  private static final Pattern URL =
      Pattern.compile("([a-z0-9+.-]+)://(?:(?<signin>.*)@)?(?<address>[^@/]+)/?");
  private static final Pattern FILE = Pattern.compile("(\\.{0,2}|\\$\\{CREDENTIALS_DIRECTORY})/.+");
  private static final Pattern USER = Pattern.compile("[^\\p{Cntrl}]{1,255}");

  private UpstreamProxyUrl() {}

  static UpstreamProxySetting.Proxy parse(String text) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      throw new IllegalArgumentException("it is not a proxy URL");
    }
    UpstreamProxy.Protocol protocol = protocol(url.group(1));
    HostPort address =
        HostPort.parse(url.group("address"))
            .orElseThrow(
                () -> new IllegalArgumentException("host and port of the proxy are required"));
    String signIn = url.group("signin");
    if (signIn == null) {
      return new UpstreamProxySetting.Proxy(protocol, address, null, null);
    }
    int colon = signIn.indexOf(':');
    String user = colon < 0 ? signIn : signIn.substring(0, colon);
    String file = colon < 0 ? "" : signIn.substring(colon + 1);
    if (!FILE.matcher(file).matches()) {
      throw new IllegalArgumentException(
          "after the user and a colon, write the path of a file (starting with / or ./), not the password itself");
    }
    if (!(protocol == UpstreamProxy.Protocol.SOCKS5
        ? SocksUsers.isUsable(user)
        : USER.matcher(user).matches())) {
      throw new IllegalArgumentException("the user name has invalid characters");
    }
    return new UpstreamProxySetting.Proxy(protocol, address, user, FilePath.of(file));
  }

  private static UpstreamProxy.Protocol protocol(String scheme) {
    return switch (scheme) {
      case "http" -> UpstreamProxy.Protocol.HTTP;
      case "socks5" -> UpstreamProxy.Protocol.SOCKS5;
      case "https" ->
          throw new IllegalArgumentException(
              "TLS to the proxy itself is not supported; write http://: sessions through it are encrypted anyway");
      case "socks", "socks5h" ->
          throw new IllegalArgumentException("write socks5://: the proxy resolves names");
      default -> throw new IllegalArgumentException("write http:// or socks5://");
    };
  }
}
