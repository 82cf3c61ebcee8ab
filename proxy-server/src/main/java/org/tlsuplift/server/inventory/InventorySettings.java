package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.util.Map;

/**
 * The settings of the inventory.
 *
 * @param waysIn how devices name their destination, by listener
 * @param flushInterval between two writes; a killed process loses the records of this interval
 * @param keep for devices that are not seen, and for days
 * @param maxDevices approximate
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
