package org.tlsuplift.server.config;

import java.time.Duration;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.inventory.messages.StoredRecipients;

/**
 * The section {@code messages}: the message trail.
 *
 * @param enabled whether records of messages are written at all
 * @param keep in the inventory, after the end of a message
 * @param maxMessages in the inventory
 */
public record MessagesConfig(
    boolean enabled,
    StoredRecipients recipients,
    @Key(min = "24h", max = "3650d") Duration keep,
    @Key(min = "1", max = "10000000") int maxMessages) {}
