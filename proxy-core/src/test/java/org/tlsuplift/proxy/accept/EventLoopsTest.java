package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventLoopsTest {
  @ParameterizedTest
  @EnumSource
  void closesChannelsWhenItEndsInATask(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    AtomicBoolean inactive = new AtomicBoolean();
    EventLoopGroup loops = transport.newEventLoops(1);
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel =
          new Bootstrap()
              .group(loops)
              .channel(transport.channel())
              .handler(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelInactive(ChannelHandlerContext ctx) {
                      inactive.set(true);
                    }
                  })
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();
      loops.execute(
          () -> {
            var unused = loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
          });
      assertThat(loops.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
      assertThat(channel.closeFuture().isDone()).isTrue();
      assertThat(inactive).isTrue();
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }
}
