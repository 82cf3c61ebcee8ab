package org.tlsuplift.proxy.negotiate;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads the original destination from the kernel's connection tracking (SO_ORIGINAL_DST). */
record NatRedirection() implements Redirection {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;

  /** IP6T_SO_ORIGINAL_DST has the same number. */
  private static final int SO_ORIGINAL_DST = 80;

  private static final RawUnixChannelOption IPV4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, SocketAddressBytes.IPV4);
  private static final RawUnixChannelOption IPV6 =
      new RawUnixChannelOption(
          "IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, SocketAddressBytes.IPV6);

  @Override
  public Optional<InetSocketAddress> destination(Channel device) {
    return original(device)
        // If rules exist but none for this connection, the kernel returns the local address.
        .filter(destination -> !destination.equals(device.localAddress()));
  }

  private static Optional<InetSocketAddress> original(Channel device) {
    boolean ipv6 =
        device.localAddress() instanceof InetSocketAddress local
            && local.getAddress() instanceof Inet6Address;
    try {
      ByteBuffer address = device.config().getOption(ipv6 ? IPV6 : IPV4);
      return address == null ? Optional.empty() : SocketAddressBytes.read(address);
    } catch (ChannelException unknown) {
      // ENOENT: the connection is not tracked, or was not redirected.
      return Optional.empty();
    }
  }

  @Override
  public boolean needsTransparentSocket() {
    return false;
  }

  @Override
  public String label() {
    return "redirect";
  }
}
