package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Everything that a route decision needs.
 *
 * @param whenModern the listener's setting for modern devices, or null to leave it to the route
 * @param names the server names that the ClientHello may contain
 */
public record RouteRequest(
    HostPort target, @Nullable WhenModern whenModern, ServerNameRule names, ClientHello hello) {}
