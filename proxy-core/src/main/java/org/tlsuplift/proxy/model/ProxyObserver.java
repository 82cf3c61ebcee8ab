package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;

/** Creates the observer of each session. */
public interface ProxyObserver {
  ProxyObserver NONE = (id, listener, device) -> new SessionObserver() {};

  /**
   * A device has connected, admitted or not. Called on the session's event loop: after the PROXY
   * header if one is required, but before the device's first byte is read.
   */
  SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device);
}
