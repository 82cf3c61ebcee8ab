package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.Labelled;

/** The action of a bridging route for a device that does not need the bridge. */
public enum WhenModern implements Labelled {
  /** Pass the session through unchanged, so that the device sees the origin's own certificate. */
  TUNNEL,
  BRIDGE
}
