package org.tlsuplift.server.insight.switchoff;

import java.util.List;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.VerdictRules;

/**
 * The settings that the result depends on.
 *
 * @param listeners those of the configuration, in its order
 * @param allow the blocks of addresses that devices may come from
 * @param rules how long a need counts, and how long none may have been seen
 */
public record SwitchOffSettings(
    List<ListenerProfile> listeners, List<Cidr> allow, VerdictRules rules) {
  public SwitchOffSettings {
    listeners = List.copyOf(listeners);
    allow = List.copyOf(allow);
  }
}
