package org.tlsuplift.proxy.route;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * An upstream proxy: a proxy of the local network through which origins are reached. It resolves
 * their names.
 *
 * @param credentials null if it asks for none
 */
public record UpstreamProxy(
    Protocol protocol, HostPort address, @Nullable Credentials credentials) {
  /** How to ask a proxy for a connection. */
  public enum Protocol {
    /**
     * By the CONNECT method of HTTP (RFC 9110 section 9.3.6), with Basic authentication (RFC 7617).
     */
    HTTP,
    /** By SOCKS 5 (RFC 1928), with user name and password (RFC 1929). */
    SOCKS5;

    public String scheme() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** User and password; the text shows only the user. */
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
