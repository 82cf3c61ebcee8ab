package org.tlsuplift.proxy.negotiate;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Reads the origin's address from the socket: with IP_TRANSPARENT it is the local address. */
record TproxyRedirection() implements Redirection {
  @Override
  public Optional<InetSocketAddress> destination(Channel device) {
    return device.localAddress() instanceof InetSocketAddress destination
        ? Optional.of(destination)
        : Optional.empty();
  }

  @Override
  public boolean needsTransparentSocket() {
    return true;
  }

  @Override
  public String label() {
    return "tproxy";
  }
}
