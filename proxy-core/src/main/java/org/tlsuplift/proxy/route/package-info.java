/**
 * Route decisions: pure functions of the target, the SNI and the device's offer.
 *
 * <p>The input is a {@link org.tlsuplift.proxy.route.RouteRequest}, the result a {@link
 * org.tlsuplift.proxy.route.RouteDecision}. No code here resolves a name, opens a connection or
 * keeps state, so every decision can be tested and explained. Start reading at {@link
 * org.tlsuplift.proxy.route.RouteTable}.
 */
@NullMarked
package org.tlsuplift.proxy.route;

import org.jspecify.annotations.NullMarked;
