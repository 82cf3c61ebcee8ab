package org.tlsuplift.proxy.route;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A proxy of the network's own, through which origins are reached. It resolves their names.
 *
 * @param protocol how it is asked for a connection
 * @param address where it listens
 * @param credentials who we are to it, or null where it does not ask
 */
public record UpstreamProxy(
    Protocol protocol, HostPort address, @Nullable Credentials credentials) {
  /** How a proxy is asked for a connection. */
  public enum Protocol {
    /** By the CONNECT method of HTTP (RFC 9110 section 9.3.6), signed in by Basic (RFC 7617). */
    HTTP,
    /** By SOCKS 5 (RFC 1928), signed in by user name and password (RFC 1929). */
    SOCKS5;

    public String scheme() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A user and his password, which is shown nowhere. */
  public record Credentials(String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }

  @Override
  public String toString() {
    return protocol.scheme()
        + "://"
        + (credentials == null ? "" : credentials.user() + "@")
        + address;
  }
}
