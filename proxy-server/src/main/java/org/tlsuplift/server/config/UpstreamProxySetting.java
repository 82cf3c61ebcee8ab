package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** The key {@code via}: whether connections to origins leave through a proxy. */
public sealed interface UpstreamProxySetting {
  /** What may stand there. */
  String ALLOWED =
      "direct, or http://proxy.corp.example:8080, or socks5://..., with a user as"
          + " http://USER:/PATH/OF/PASSWORD-FILE@proxy.corp.example:8080";

  /** Through none. */
  record Direct() implements UpstreamProxySetting {
    @Override
    public String toString() {
      return "direct";
    }
  }

  /**
   * Through this one.
   *
   * @param protocol how it opens connections
   * @param address where it listens
   * @param user the name to sign in with, or null without sign-in
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
   * Reads it.
   *
   * @throws IllegalArgumentException says what is wrong, for the operator, and repeats nothing of
   *     it
   */
  static UpstreamProxySetting parse(String text) {
    return text.equals("direct") ? new Direct() : UpstreamProxyUrl.parse(text);
  }

  /** The text for messages: it may hold a password by mistake, which is left out. */
  static String shown(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      return text.replaceFirst("(?s):[^:/]*[^0-9:/][^:]*$", ":...");
    }
    return HostPort.parse(text.substring(at + 1)).map(address -> "...@" + address).orElse("...");
  }
}
