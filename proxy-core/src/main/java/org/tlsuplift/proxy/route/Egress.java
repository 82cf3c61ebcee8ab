package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * How connections to origins leave the building.
 *
 * @param via the upstream proxy, or null for none
 * @param proxyHeader whether each begins with a PROXY header of version 2 with the device's address
 */
public record Egress(@Nullable UpstreamProxy via, boolean proxyHeader) {
  /** Directly to the origin, without a header. */
  public static final Egress STRAIGHT = new Egress(null, false);
}
