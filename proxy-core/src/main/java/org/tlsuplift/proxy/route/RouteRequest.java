package org.tlsuplift.proxy.route;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;

/**
 * All that a route is decided by.
 *
 * @param listener the name of the listener
 * @param device where the device connected from
 * @param target where it wants to go
 * @param whenModern what the listener wants for modern devices, or null to leave it to the route
 * @param names what the name in the hello may be
 * @param hello what the device offers
 */
public record RouteRequest(
    String listener,
    InetSocketAddress device,
    HostPort target,
    @Nullable WhenModern whenModern,
    ServerNameRule names,
    ClientHello hello) {}
