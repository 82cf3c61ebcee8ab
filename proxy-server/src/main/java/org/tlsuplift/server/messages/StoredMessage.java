package org.tlsuplift.server.messages;

/**
 * A message with the name of its device, as the inventory knows it now.
 *
 * @param deviceName may be empty
 */
public record StoredMessage(MessageRecord message, String deviceName) {}
