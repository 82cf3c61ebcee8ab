package org.tlsuplift.server.inventory.messages;

import java.time.Duration;

/**
 * How long records of messages are stored.
 *
 * @param keep after the end of the message
 * @param max the approximate limit of stored records; the oldest are deleted first
 */
public record MessageRetention(Duration keep, int max) {}
