package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The session that dials an origin.
 *
 * @param loop the session's event loop, where the connection lives
 * @param device where the device connected from, or null if this program dials for itself
 * @param destination where the device connected to, or null likewise
 * @param holdings keeps every connection of the session until its end
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
