/**
 * Carries bytes between two channels that are ready, with backpressure and orderly ends.
 *
 * <p>Two channels enter; what leaves is how each direction ended. While it runs, a pipeline is TLS,
 * idle timer and relay, and nothing here logs, counts or blocks. Started by {@code setup}. Start
 * reading at {@link org.tlsuplift.proxy.relay.Relay}.
 */
@NullMarked
package org.tlsuplift.proxy.relay;

import org.jspecify.annotations.NullMarked;
