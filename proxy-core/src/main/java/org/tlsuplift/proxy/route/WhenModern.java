package org.tlsuplift.proxy.route;

/** What a bridging route does with a device that does not need the bridge. */
public enum WhenModern {
  /** Pass it through unchanged, so that it sees the origin's own certificate. */
  TUNNEL,
  BRIDGE
}
