package org.tlsuplift.server.daemon;

import java.time.Clock;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.readiness.ListenerProfile;
import org.tlsuplift.server.readiness.SwitchOff;
import org.tlsuplift.server.readiness.SwitchOffSettings;

/** Evaluates whether the listeners of a configuration can be switched off. */
public final class SwitchOffSource {
  private SwitchOffSource() {}

  public static SwitchOff of(ServerConfig config, Inventory inventory) {
    return new SwitchOff(
        inventory,
        new SwitchOffSettings(
            config.listeners().stream()
                .map(each -> new ListenerProfile(each.name(), each.tls().profile().label()))
                .toList(),
            config.devices().allow(),
            InventorySource.rules(config.inventory())),
        Clock.systemUTC());
  }
}
