package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.session.Action;

/**
 * What becomes of sessions to certain destinations.
 *
 * @param to the destinations
 * @param action bridge, tunnel or deny
 * @param whenModern what a bridging route does with a modern device; without effect otherwise
 */
public record Route(EndpointList to, Action action, WhenModern whenModern) {}
