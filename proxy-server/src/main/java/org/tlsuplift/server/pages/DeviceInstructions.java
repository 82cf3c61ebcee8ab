package org.tlsuplift.server.pages;

/**
 * How a device comes to a listener, for somebody who stands before the device.
 *
 * @param listener its name
 * @param port where it listens, in words
 * @param setting what is set in the device
 */
public record DeviceInstructions(String listener, String port, String setting) {}
