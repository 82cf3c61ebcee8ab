package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.util.Map;

/**
 * How the inventory is kept.
 *
 * @param place where
 * @param waysIn how devices say where they want to go, by the listener's name
 * @param naming where the names of devices come from
 * @param flushInterval how often rows are written; a process that is killed loses the rows of this
 *     interval
 * @param keep how long devices that are no longer seen, and days, are kept
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
