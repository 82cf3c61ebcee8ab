package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The session that dials an origin.
 *
 * @param loop the event loop of the session and of the connection
 * @param device the device's address, or null if this program dials for itself
 * @param destination the address that the device connected to, or null likewise
 * @param holdings closes every connection of the session at the session's end
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
