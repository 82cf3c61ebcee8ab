package org.tlsuplift.server.readiness;

import java.util.Optional;
import org.tlsuplift.proxy.route.Cidr;

/**
 * The scope of a query.
 *
 * @param listener only this listener, and only devices that use it; empty for all
 * @param subnet only devices in this block; empty for all
 */
public record SwitchOffQuery(Optional<String> listener, Optional<Cidr> subnet) {
  public static final SwitchOffQuery ALL = new SwitchOffQuery(Optional.empty(), Optional.empty());
}
