package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.util.Map;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.messages.MessageRetention;

/**
 * The settings of the inventory.
 *
 * @param waysIn the {@code accept} value of each listener, by name
 * @param flushInterval the time between two writes; a killed process loses the records of one
 *     interval
 * @param keep the retention time of devices after their last session, and of daily totals
 * @param maxDevices the approximate limit of stored devices
 * @param messages how long records of messages are stored
 */
public record InventorySettings(
    DatabasePlace place,
    Map<String, String> waysIn,
    DeviceNaming naming,
    Duration flushInterval,
    Duration keep,
    int maxDevices,
    MessageRetention messages,
    VerdictRules rules) {
  public InventorySettings {
    waysIn = Map.copyOf(waysIn);
  }
}
