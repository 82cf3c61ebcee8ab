package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows this proxy's own connections to origins by the address they come from.
 *
 * <p>A packet filter that redirects too much leads them back here, as if they were devices', and
 * each would open the next. Thread-safe.
 */
public final class OwnConnections {
  private final Set<SocketAddress> open = ConcurrentHashMap.newKeySet();

  /** Remembers a connection, before anything is said on it, until it is closed. */
  void add(Channel connection) {
    SocketAddress local = connection.localAddress();
    if (local != null) {
      open.add(local);
      connection.closeFuture().addListener(closed -> open.remove(local));
    }
  }

  /** Whether a device that was heard of is this proxy itself. */
  public boolean contains(InetSocketAddress device) {
    return open.contains(device);
  }
}
