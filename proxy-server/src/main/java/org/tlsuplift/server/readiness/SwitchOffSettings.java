package org.tlsuplift.server.readiness;

import java.util.List;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.VerdictRules;

/**
 * The settings that the result depends on.
 *
 * @param listeners the listeners in the order of the configuration
 * @param allow the address blocks in {@code devices.allow}
 * @param rules the periods {@code readyAfter} and {@code notSeenAfter}
 */
public record SwitchOffSettings(
    List<ListenerProfile> listeners, List<Cidr> allow, VerdictRules rules) {
  public SwitchOffSettings {
    listeners = List.copyOf(listeners);
    allow = List.copyOf(allow);
  }
}
