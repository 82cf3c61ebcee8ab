package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

  @ParameterizedTest
  @EnumSource
  void serveOtherChannelsWhenThereIsNoMemoryToReadOne(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    List<Throwable> caught = new CopyOnWriteArrayList<>();
    EventLoopGroup loops = transport.newEventLoops(1);
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel poor =
          new Bootstrap()
              .group(loops)
              .channel(transport.channel())
              .option(ChannelOption.ALLOCATOR, new NoMemory())
              .handler(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                      caught.add(cause);
                      var unused = ctx.close();
                    }
                  })
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();
      try (Socket accepted = peer.accept()) {
        accepted.getOutputStream().write(1);
        assertThat(poor.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(caught).singleElement().isInstanceOf(OutOfMemoryError.class);
      assertThat(loops.submit(() -> "served").get(5, TimeUnit.SECONDS)).isEqualTo("served");
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private static final class NoMemory extends PooledByteBufAllocator {
    NoMemory() {
      super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("of this test");
    }
  }
}
