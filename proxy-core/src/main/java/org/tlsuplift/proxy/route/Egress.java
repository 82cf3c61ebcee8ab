package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * How connections to origins leave the building.
 *
 * @param via the upstream proxy, or null for none
 * @param proxyHeader whether each connection starts with a PROXY header (version 2) that has the
 *     device's address
 */
public record Egress(@Nullable UpstreamProxy via, boolean proxyHeader) {
  /** Directly to the origin, without a header. */
  public static final Egress DIRECT = new Egress(null, false);
}
