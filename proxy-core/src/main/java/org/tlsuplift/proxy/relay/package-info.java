/**
 * Carries bytes between two channels that are ready, with backpressure and orderly ends.
 *
 * <p>Two channels enter, and the reason of the end leaves. While a relay runs, a pipeline consists
 * of TLS, idle timer and relay, and nothing here logs or blocks. Started by {@code setup}. Start
 * reading at {@link org.tlsuplift.proxy.relay.Relay}.
 */
@NullMarked
package org.tlsuplift.proxy.relay;

import org.jspecify.annotations.NullMarked;
