package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who still needs the upgrade, as the YAML has it under {@code inventory}.
 *
 * @param enabled whether it is kept
 * @param url a database of PostgreSQL, or null for a file in the data directory
 * @param user the user name at that database, or null
 * @param passwordFile its first line is the password of that user, or null
 * @param flushInterval how often what was seen is written
 * @param keep how long devices are kept after they were last seen
 * @param maxDevices how many devices are kept
 * @param readyAfter how long a device must have shown nothing that needs the upgrade
 * @param notSeenAfter after how long a device counts as gone
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
