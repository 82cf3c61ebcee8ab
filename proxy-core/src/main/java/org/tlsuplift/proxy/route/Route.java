package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;

/**
 * What to do with sessions to certain destinations.
 *
 * @param whenModern what a bridging route does with a modern device; without effect otherwise
 * @param clientCertificate the name of the client certificate for the origin, or null for none; a
 *     route with one bridges every device, because only a bridge can present it
 * @param egress how connections of this route leave, or null for the default
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
}
