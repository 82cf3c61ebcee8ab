package org.tlsuplift.server.inventory.messages;

/**
 * A message with the name of its device, as the inventory knows it now.
 *
 * @param deviceName may be empty
 */
public record StoredMessage(MessageRecord message, String deviceName) {}
