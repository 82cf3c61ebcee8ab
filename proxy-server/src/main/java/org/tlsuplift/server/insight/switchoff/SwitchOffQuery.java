package org.tlsuplift.server.insight.switchoff;

import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;

/**
 * What the answer is wanted for.
 *
 * @param listener this one alone, and subnets as far as their devices come in there
 * @param subnet devices in there alone
 */
public record SwitchOffQuery(Optional<String> listener, Optional<Cidr> subnet) {
  public static final SwitchOffQuery ALL = new SwitchOffQuery(Optional.empty(), Optional.empty());
}
