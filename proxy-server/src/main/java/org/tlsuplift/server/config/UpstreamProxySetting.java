package org.tlsuplift.server.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.config.binding.Form;

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

  /** The form of the value. A wrong text may contain a password, so no error repeats it. */
  @Form.Rules(
      pattern =
          "^(direct|(http|socks5)://([^:]*:(\\.{0,2}|\\$\\{CREDENTIALS_DIRECTORY\\})/.+@)?"
              + "(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/@*\\[\\]]+)"
              + ":(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5][0-9]{4}|[0-9]{1,4})/?)$")
  final class Url implements Form<UpstreamProxySetting> {
    @Override
    public UpstreamProxySetting parse(String text) {
      return text.equals("direct") ? new Direct() : UpstreamProxyUrl.parse(text);
    }

    @Override
    public String shown(String wrong) {
      int at = wrong.lastIndexOf('@');
      if (at < 0) {
        return wrong.replaceFirst("(?s):[^:/]*[^0-9:/][^:]*$", ":...");
      }
      return HostPort.parse(wrong.substring(at + 1)).map(address -> "...@" + address).orElse("...");
    }
  }
}
