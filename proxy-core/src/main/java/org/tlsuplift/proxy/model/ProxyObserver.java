package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;

/** Is called for each session as it opens, and returns that session's own observer. */
public interface ProxyObserver {
  ProxyObserver NONE = (id, listener, device) -> new SessionObserver() {};

  /**
   * A device connected. Called on the session's event loop, before its first byte is read, but
   * after its PROXY header if one is required; also for devices that are not admitted.
   */
  SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device);
}
