package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** The key {@code via}: the upstream proxy for connections to origins. */
public sealed interface UpstreamProxySetting {
  String ALLOWED =
      "direct, or http://proxy.corp.example:8080, or socks5://..., with a user as"
          + " http://USER:/PATH/OF/PASSWORD-FILE@proxy.corp.example:8080";

  /** No proxy. */
  record Direct() implements UpstreamProxySetting {
    @Override
    public String toString() {
      return "direct";
    }
  }

  /**
   * An HTTP or SOCKS proxy.
   *
   * @param user null without sign-in
   * @param passwordFile its first line is the password; null without a user
   */
  record Proxy(
      UpstreamProxy.Protocol protocol,
      HostPort address,
      @Nullable String user,
      @Nullable Path passwordFile)
      implements UpstreamProxySetting {
    @Override
    public String toString() {
      return protocol.scheme() + "://" + address + (user == null ? "" : " as " + user);
    }
  }

  /**
   * Parses the value.
   *
   * @throws IllegalArgumentException with the remedy; repeats nothing of the text, which may
   *     contain a password
   */
  static UpstreamProxySetting parse(String text) {
    return text.equals("direct") ? new Direct() : UpstreamProxyUrl.parse(text);
  }

  /** The text for messages, without a password that it may contain by mistake. */
  static String shown(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      return text.replaceFirst("(?s):[^:/]*[^0-9:/][^:]*$", ":...");
    }
    return HostPort.parse(text.substring(at + 1)).map(address -> "...@" + address).orElse("...");
  }
}
