package org.tlsuplift.proxy.context;

import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.negotiate.SocksUsers;

/** How devices say where they want to go. */
public sealed interface AcceptMode {
  /** An explicit HTTP proxy: {@code CONNECT host:port}. */
  record HttpConnect() implements AcceptMode {}

  /**
   * A SOCKS proxy: versions 5 and 4a.
   *
   * @param users who may use it; everybody when there are none
   */
  record Socks(SocksUsers users) implements AcceptMode {}

  /**
   * A port that stands for one origin.
   *
   * @param origin where all its devices go
   */
  record Fixed(HostPort origin) implements AcceptMode {}

  /**
   * A port that the packet filter redirects devices to, which believe to connect to their origin.
   *
   * @param redirection how it does that
   */
  record Transparent(Redirection redirection) implements AcceptMode {}
}
