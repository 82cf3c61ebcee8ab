package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;

/**
 * The action for sessions to a list of destinations.
 *
 * @param whenModern the action for modern devices, if {@code action} is a bridge
 * @param clientCertificate the name of the client certificate for the origin, or null for none. A
 *     route with a client certificate bridges every device, because only a bridge can present it.
 * @param egress the way that connections of this route leave, or null for the default
 */
public record Route(
    EndpointList to,
    Action action,
    WhenModern whenModern,
    @Nullable String clientCertificate,
    @Nullable Egress egress) {
  /** Refuses a client certificate on a route that cannot present it. */
  public Route {
    if (clientCertificate != null && action != Action.BRIDGE) {
      throw new IllegalArgumentException(
          "got a client certificate with action '"
              + action.label()
              + "'; only 'bridge' can present one");
    }
  }
}
