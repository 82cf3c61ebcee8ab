package org.tlsuplift.server.config;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.PasswordFile;

/**
 * How connections to origins leave: keys of {@code upstream} and of each route.
 *
 * @param via the upstream proxy; null in a route for the value of {@code upstream}
 * @param sendProxyHeader null in a route for the value of {@code upstream}
 */
public record EgressConfig(
    @Key(form = UpstreamProxySetting.Url.class, expected = UpstreamProxySetting.ALLOWED)
        @Nullable UpstreamProxySetting via,
    @Key(
            refused = {
              @Refused(
                  words = {"v1", "1"},
                  why = "only version 2 is supported; write v2"),
              @Refused(
                  words = {"2", "true"},
                  why = "write v2")
            })
        @Nullable ProxyHeader sendProxyHeader) {
  /** The PROXY header that names the device to the origin. */
  public enum ProxyHeader implements Labelled {
    NONE,
    V2
  }

  /** A copy with the values of another one for those that are not set here. */
  public EgressConfig or(EgressConfig other) {
    return new EgressConfig(
        via == null ? other.via : via,
        sendProxyHeader == null ? other.sendProxyHeader : sendProxyHeader);
  }

  /** Checks that the proxy is not this daemon, and checks its password file. */
  void check(String at, List<ListenerConfig> listeners, Problems problems) {
    if (!(via instanceof UpstreamProxySetting.Proxy proxy) || !problems.clean(at)) {
      return;
    }
    for (int i = 0; i < listeners.size(); i++) {
      if (listeners.get(i).bind().stream().anyMatch(bind -> bind.isAt(proxy.address()))) {
        problems.error(
            at,
            Problems.got(proxy.address()),
            "another proxy",
            "listeners["
                + i
                + "] is at this address, so connections would loop; set the address of your proxy");
      }
    }
    var unused =
        FileChecks.warned(
            at,
            proxy.passwordFile(),
            "anyone with this file can use the proxy as you",
            file -> PasswordFile.via(proxy.protocol(), file),
            problems);
  }

  /** The proxy of a configuration that sets it here or for all routes. */
  public UpstreamProxySetting proxy() {
    return Objects.requireNonNull(via, "via");
  }

  public boolean sendsProxyHeader() {
    return sendProxyHeader == ProxyHeader.V2;
  }
}
