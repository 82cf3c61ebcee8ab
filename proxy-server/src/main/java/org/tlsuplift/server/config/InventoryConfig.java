package org.tlsuplift.server.config;

import java.time.Duration;

/**
 * The settings of the inventory.
 *
 * @param flushInterval between two writes
 * @param keep after a device was last seen
 * @param readyAfter without anything that needs the upgrade
 * @param notSeenAfter since a device was last seen
 */
public record InventoryConfig(
    boolean enabled,
    Duration flushInterval,
    Duration keep,
    int maxDevices,
    Duration readyAfter,
    Duration notSeenAfter) {}
