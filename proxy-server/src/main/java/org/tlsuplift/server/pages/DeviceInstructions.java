package org.tlsuplift.server.pages;

/**
 * How a device comes to a listener, for a person at the device.
 *
 * @param listener its name
 * @param setting the field to set in the device
 * @param server the value of the field; empty for this machine, by any name
 * @param port where it listens, in words
 * @param note the security to choose and where the listener leads; may be empty
 * @param redirected whether nothing is set, because the network redirects the device
 */
public record DeviceInstructions(
    String listener, String setting, String server, String port, String note, boolean redirected) {}
