package org.tlsuplift.server.admin;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * The event loop of the admin port. Its listener for an IPv4 address is an IPv4-only socket;
 * otherwise 0.0.0.0 would accept IPv6 too, which the operator did not configure.
 */
final class AdminEventLoop implements LoopResources {
  private final LoopResources one = LoopResources.create("admin", 1, true);
  private final boolean ipv4;

  AdminEventLoop(InetSocketAddress bind) {
    this.ipv4 = bind.getAddress() instanceof Inet4Address;
  }

  @Override
  public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
    return ipv4 && type.equals(ServerSocketChannel.class)
        ? type.cast(
            new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET))
        : one.onChannel(type, group);
  }

  @Override
  public <C extends Channel> Class<? extends C> onChannelClass(
      Class<C> type, EventLoopGroup group) {
    return one.onChannelClass(type, group);
  }

  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return one.onServer(useNative);
  }

  @Override
  public boolean daemon() {
    return one.daemon();
  }

  @Override
  public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
    return one.disposeLater(quietPeriod, timeout);
  }
}
