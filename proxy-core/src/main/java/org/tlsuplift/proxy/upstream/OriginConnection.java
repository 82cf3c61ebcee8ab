package org.tlsuplift.proxy.upstream;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.session.OriginHandshake;

/**
 * A channel to an origin that is ready to relay: connected, and verified where TLS is ours.
 *
 * @param channel does not read by itself; its last handler is named {@link
 *     UpstreamInitializer#HOLD}
 * @param handshake the handshake with the origin, or null for a tunnel
 * @param hold that last handler; null if the channel has closed already
 */
public record OriginConnection(
    Channel channel, @Nullable OriginHandshake handshake, @Nullable HoldingHandler hold) {
  /** What went wrong since, before the relay began; empty if nothing is known. */
  public String failure() {
    // Asked of the handler itself, because a closed channel has lost its handlers.
    return hold == null ? "" : hold.failure();
  }
}
