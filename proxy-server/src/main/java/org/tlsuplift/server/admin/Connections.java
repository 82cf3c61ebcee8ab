package org.tlsuplift.server.admin;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts the connections of each address, so that one does not take them all. */
final class Connections {
  private final int most;
  private final ConcurrentMap<InetAddress, Integer> open = new ConcurrentHashMap<>();

  /**
   * Counts.
   *
   * @param most how many one address may have at once
   */
  Connections(int most) {
    this.most = most;
  }

  /** Closes a new connection that is one too many, and counts any other until it ends. */
  void admit(Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress from)) {
      return;
    }
    InetAddress address = from.getAddress();
    if (open.merge(address, 1, Integer::sum) > most) {
      var unused = channel.close();
    }
    channel
        .closeFuture()
        .addListener(
            closed ->
                open.computeIfPresent(address, (key, number) -> number == 1 ? null : number - 1));
  }
}
