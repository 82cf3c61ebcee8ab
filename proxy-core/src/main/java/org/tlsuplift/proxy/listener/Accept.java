package org.tlsuplift.proxy.listener;

import org.tlsuplift.proxy.session.HostPort;

/** How devices say where they want to go. */
public sealed interface Accept {
  /** An explicit HTTP proxy: {@code CONNECT host:port}. */
  record HttpConnect() implements Accept {}

  /**
   * A port that stands for one origin.
   *
   * @param origin where all its devices go
   */
  record Fixed(HostPort origin) implements Accept {}
}
