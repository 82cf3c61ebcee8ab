package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;

/**
 * What becomes of sessions to certain destinations.
 *
 * @param to the destinations
 * @param action bridge, tunnel, forward or deny
 * @param whenModern what a bridging route does with a modern device; without effect otherwise
 * @param clientCertificate the name of what is presented to an origin that asks who we are, or null
 *     for nothing; a route with one bridges every device, because only a bridge can present it
 * @param egress how connections of this route leave, or null as all do
 */
public record Route(
    EndpointList to,
    Action action,
    WhenModern whenModern,
    @Nullable String clientCertificate,
    @Nullable Egress egress) {
  /** Refuses a certificate that would never be presented. */
  public Route {
    if (clientCertificate != null && action != Action.BRIDGE) {
      throw new IllegalArgumentException(
          "a client certificate is presented by a bridge only, not by " + action.label());
    }
  }

  /** A route that leaves as all do. */
  public Route(
      EndpointList to, Action action, WhenModern whenModern, @Nullable String clientCertificate) {
    this(to, action, whenModern, clientCertificate, null);
  }

  /** The same, which presents nothing. */
  public Route(EndpointList to, Action action, WhenModern whenModern) {
    this(to, action, whenModern, null);
  }
}
