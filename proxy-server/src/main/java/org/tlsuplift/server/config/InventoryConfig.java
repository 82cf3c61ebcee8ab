package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the inventory.
 *
 * @param url of a PostgreSQL database, or null for a file in the data directory
 * @param user null without {@code url}
 * @param passwordFile null without {@code url}
 * @param flushInterval between two writes
 * @param keep after a device was last seen
 * @param readyAfter without anything that needs the upgrade
 * @param notSeenAfter since a device was last seen
 */
public record InventoryConfig(
    boolean enabled,
    @Nullable String url,
    @Nullable String user,
    @Nullable Path passwordFile,
    Duration flushInterval,
    Duration keep,
    int maxDevices,
    Duration readyAfter,
    Duration notSeenAfter) {}
