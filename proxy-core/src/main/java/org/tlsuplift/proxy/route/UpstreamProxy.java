package org.tlsuplift.proxy.route;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A proxy of the local network that connects to origins for this proxy and resolves their names.
 *
 * @param credentials null if the upstream proxy needs none
 */
public record UpstreamProxy(
    Protocol protocol, HostPort address, @Nullable Credentials credentials) {
  /** The protocol that requests a connection from the upstream proxy. */
  public enum Protocol {
    /**
     * The CONNECT method of HTTP (RFC 9110 section 9.3.6), with Basic authentication (RFC 7617).
     */
    HTTP,
    /** SOCKS 5 (RFC 1928), with user name and password (RFC 1929). */
    SOCKS5;

    public String scheme() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** User and password. The text form omits the password. */
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
