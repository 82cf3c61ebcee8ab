package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.util.Map;

/**
 * How the inventory is kept.
 *
 * @param place where
 * @param waysIn how devices say where they want to go, by the listener's name
 * @param naming how devices come to their names
 * @param flushInterval how often what was seen is written: so much is lost when the process is
 *     killed
 * @param keep how long devices that are not seen any more are kept, and days
 * @param maxDevices how many devices are kept at most, about
 * @param rules when a device is ready, and when it is gone
 */
public record InventorySettings(
    InventoryPlace place,
    Map<String, String> waysIn,
    DeviceNaming naming,
    Duration flushInterval,
    Duration keep,
    int maxDevices,
    VerdictRules rules) {
  public InventorySettings {
    waysIn = Map.copyOf(waysIn);
  }
}
