package org.tlsuplift.proxy.negotiate;

import org.tlsuplift.proxy.model.HostPort;

/**
 * The event that the last negotiation step fires: from here on the device speaks TLS.
 *
 * @param target where the device wants to go
 */
public record Negotiated(HostPort target) {}
