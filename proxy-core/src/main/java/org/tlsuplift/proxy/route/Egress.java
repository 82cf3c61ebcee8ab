package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * How connections to origins leave the building.
 *
 * @param via through which proxy, or null for none
 * @param proxyHeader whether each begins with a PROXY header of version 2 that tells of the device
 */
public record Egress(@Nullable UpstreamProxy via, boolean proxyHeader) {
  /** Straight to the origin, which is told nothing. */
  public static final Egress STRAIGHT = new Egress(null, false);
}
