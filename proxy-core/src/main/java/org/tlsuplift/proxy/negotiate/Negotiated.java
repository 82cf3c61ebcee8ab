package org.tlsuplift.proxy.negotiate;

import org.tlsuplift.proxy.model.HostPort;

/** The event at the end of a negotiation: the device continues with TLS. */
public record Negotiated(HostPort target) {}
