package org.tlsuplift.server.inventory;

/**
 * That a device came in somewhere.
 *
 * @param address of the device, as people write it
 * @param listener where it came in
 */
public record ListenerUse(String address, String listener) {}
