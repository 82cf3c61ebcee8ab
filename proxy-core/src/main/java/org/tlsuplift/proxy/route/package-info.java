/**
 * Decides what becomes of a session: pure functions of target, SNI and what the device offered.
 *
 * <p>{@link org.tlsuplift.proxy.route.RouteTable} is the door. Nothing here resolves a name, opens
 * a connection or keeps state, so every decision can be tested and explained.
 */
@NullMarked
package org.tlsuplift.proxy.route;

import org.jspecify.annotations.NullMarked;
