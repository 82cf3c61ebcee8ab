package org.tlsuplift.server.config;

import java.time.Duration;
import org.tlsuplift.server.messages.StoredRecipients;

/**
 * The settings of the message trail.
 *
 * @param enabled whether records of messages are written at all
 * @param keep in the inventory, after the end of a message
 * @param maxMessages in the inventory
 */
public record MessagesConfig(
    boolean enabled, StoredRecipients recipients, Duration keep, int maxMessages) {}
