package org.tlsuplift.server.http.pages;

/**
 * How to set up a device for a listener, for a person at the device.
 *
 * @param listener its name
 * @param setting the field to set in the device
 * @param server the value of the field; a name or address from the configuration; empty if it has
 *     none, for this machine by any name
 * @param port the port or ports of the listener, in words
 * @param note the security to choose and where the listener leads; may be empty
 * @param redirected whether the device needs no setting, because the network redirects it
 * @param signIn whether TLS Uplift signs in at the origin instead of the device
 */
public record DeviceInstructions(
    String listener,
    String setting,
    String server,
    String port,
    String note,
    boolean redirected,
    boolean signIn) {}
