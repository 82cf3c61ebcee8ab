package org.tlsuplift.server.inventory;

/**
 * A device that used a listener.
 *
 * @param address of the device, as people write it
 * @param listener the listener
 */
public record ListenerUse(String address, String listener) {}
