package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The session for which an origin is dialled, or none.
 *
 * @param loop the event loop of the session and of the connection
 * @param device the device's address, or null without a session, such as for a revocation query
 * @param destination the address that the device connected to, or null without a session
 * @param holdings the session's connections, which close when the session ends
 */
public record DialContext(
    EventLoop loop,
    @Nullable InetSocketAddress device,
    @Nullable InetSocketAddress destination,
    SessionHoldings holdings) {
  public static DialContext itself(EventLoop loop) {
    return new DialContext(loop, null, null, new SessionHoldings());
  }
}
