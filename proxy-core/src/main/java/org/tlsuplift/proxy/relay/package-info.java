/**
 * Carries bytes between two ready channels, with backpressure and orderly ends.
 *
 * <p>The input is two channels; the result is the close reason. While a relay runs, a pipeline
 * consists of TLS, idle timer and relay, and no code here logs or blocks. {@code setup} starts
 * relays. Start reading at {@link org.tlsuplift.proxy.relay.Relay}.
 */
@NullMarked
package org.tlsuplift.proxy.relay;

import org.jspecify.annotations.NullMarked;
