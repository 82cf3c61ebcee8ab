package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.List;

/**
 * The results of a query.
 *
 * @param at the time of the query
 * @param listeners one for each listener, in the order of the configuration
 * @param subnets one for each subnet in which a device was seen, at most {@value #MAX_SUBNETS}:
 *     first those with "no", then those with "not yet", each in the order of addresses
 * @param moreSubnets the number of subnets that are not listed
 */
public record SwitchOffResults(
    Instant at,
    SwitchOffQuery question,
    SwitchOffSettings settings,
    List<SwitchOffResult> listeners,
    List<SwitchOffResult> subnets,
    int moreSubnets) {
  public static final int MAX_SUBNETS = 200;

  public SwitchOffResults {
    listeners = List.copyOf(listeners);
    subnets = List.copyOf(subnets);
  }
}
