package org.tlsuplift.proxy.model;

import java.net.InetSocketAddress;

/** Is told about each session as it opens, and answers with that session's own observer. */
public interface ProxyObserver {
  ProxyObserver NONE = (id, listener, device) -> new SessionObserver() {};

  /**
   * A device connected. Called on the session's event loop, before its first byte is read, but
   * after its PROXY header where one is required; devices that are turned away at the door are
   * reported too.
   */
  SessionObserver sessionOpened(SessionId id, String listener, InetSocketAddress device);
}
