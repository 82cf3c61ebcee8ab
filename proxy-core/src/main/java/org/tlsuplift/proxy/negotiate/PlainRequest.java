package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.FullHttpRequest;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event of a plain HTTP request, which ends the negotiation.
 *
 * @param target the destination, which a route allows
 * @param message the complete request for the origin; its content is on the heap and needs no
 *     release
 */
public record PlainRequest(HostPort target, FullHttpRequest message) {}
