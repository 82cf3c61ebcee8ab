package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.ReferenceCountUtil;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Transport;

class EventLoopsTest {
  @ParameterizedTest
  @EnumSource
  void closesChannelsWhenItEndsInATask(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    AtomicBoolean inactive = new AtomicBoolean();
    EventLoopGroup loops = transport.newEventLoops(1);
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel channel =
          bootstrap(transport, loops)
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

  /** Else each end of a loop would take as long as it may wait for channels. */
  @ParameterizedTest
  @EnumSource
  void countOnlyChannelsThatAreOpen(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    EventLoopGroup loops = transport.newEventLoops(1);
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SingleThreadEventLoop loop = (SingleThreadEventLoop) loops.next();
      int before = loop.registeredChannels();
      Channel channel =
          bootstrap(transport, loops)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();
      assertThat(loop.registeredChannels()).isEqualTo(before + 1);
      channel.close().sync();
      await().untilAsserted(() -> assertThat(loop.registeredChannels()).isEqualTo(before));
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** Else each stop would keep a processor busy for as long as a loop may wait for channels. */
  @ParameterizedTest
  @EnumSource
  void endAtOnceAlthoughAChannelIsOpen(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    try (ServerSocket peer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      // A busy machine may be slow once; waiting is slow each time.
      await().until(() -> endsAtOnce(transport, peer.getLocalSocketAddress()));
    }
  }

  private static boolean endsAtOnce(Transport transport, SocketAddress peer)
      throws InterruptedException {
    EventLoopGroup loops = transport.newEventLoops(1);
    bootstrap(transport, loops).handler(new ChannelInboundHandlerAdapter()).connect(peer).sync();
    var unused = loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    return loops.awaitTermination(250, TimeUnit.MILLISECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void serveOtherChannelsWhenThereIsNoMemoryToReadOne(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    List<Throwable> caught = new CopyOnWriteArrayList<>();
    EventLoopGroup loops = transport.newEventLoops(1);
    try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Channel poor =
          bootstrap(transport, loops)
              .option(ChannelOption.ALLOCATOR, new ShortOfMemory(Integer.MAX_VALUE))
              .handler(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                      caught.add(cause);
                    }
                  })
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();
      try (Socket accepted = peer.accept()) {
        accepted.getOutputStream().write(1);
        assertThat(poor.closeFuture().await(60, TimeUnit.SECONDS)).isTrue();
      }
      assertThat(caught).singleElement().isInstanceOf(OutOfMemoryError.class);
      assertThat(loops.submit(() -> "served").get(60, TimeUnit.SECONDS)).isEqualTo("served");
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** As DNS needs it. */
  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING"})
  void receiveDatagramsWhenThereIsMemoryAgain(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable());
    List<Object> events = new CopyOnWriteArrayList<>();
    ShortOfMemory memory = new ShortOfMemory(0);
    EventLoopGroup loops = transport.newEventLoops(1);
    try (DatagramSocket peer = new DatagramSocket()) {
      Channel poor =
          new Bootstrap()
              .group(loops)
              .channel(transport.datagramChannel())
              .option(ChannelOption.ALLOCATOR, memory)
              .handler(
                  new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                      events.add(cause.getMessage());
                    }

                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                      memory.failures = events.isEmpty() ? 1 : 0;
                      events.add("a datagram");
                      ReferenceCountUtil.release(message);
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      await()
          .untilAsserted(
              () -> {
                peer.send(new DatagramPacket(new byte[3], 3, poor.localAddress()));
                assertThat(events).startsWith("a datagram", "of this test", "a datagram");
              });
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private static Bootstrap bootstrap(Transport transport, EventLoopGroup loops) {
    return new Bootstrap().group(loops).channel(transport.channel());
  }

  /** Fails so many times, and then no longer. Used by one event loop. */
  private static final class ShortOfMemory extends PooledByteBufAllocator {
    private int failures;

    ShortOfMemory(int failures) {
      super(true);
      this.failures = failures;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      if (failures > 0) {
        failures--;
        throw new OutOfMemoryError("of this test");
      }
      return super.newDirectBuffer(initialCapacity, maxCapacity);
    }
  }
}
