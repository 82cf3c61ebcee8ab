package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * For whom an origin is called.
 *
 * @param loop where the connection lives: that of the session
 * @param device where the device connected from, or null where this program calls for itself
 * @param destination where the device connected to, or null likewise
 * @param holdings keeps every connection that is made for the session, until the session ends
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
