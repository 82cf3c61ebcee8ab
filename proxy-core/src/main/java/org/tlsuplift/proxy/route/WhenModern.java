package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.Labelled;

/** What a bridging route does with a device that does not need the bridge. */
public enum WhenModern implements Labelled {
  /** Pass it through unchanged, so that it sees the origin's own certificate. */
  TUNNEL,
  BRIDGE
}
