/**
 * The demonstration: an origin that only accepts TLS 1.2, the real daemon, and old devices.
 *
 * <p>All of it runs in one process on loopback, so it works offline. Called by the command {@code
 * demo}; a drawing of both sides and the counters leave. Start reading at {@link
 * org.tlsuplift.server.demo.Demo}.
 */
@NullMarked
package org.tlsuplift.server.demo;

import org.jspecify.annotations.NullMarked;
