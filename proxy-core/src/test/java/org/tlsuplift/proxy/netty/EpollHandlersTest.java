package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.accept.Transport;

/** A channel that reuses a descriptor gets no event of the old channel. */
class EpollHandlersTest {
  private static final int PEERS = 2;

  private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();
  private final Queue<Channel> opened = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final CountDownLatch acceptedAll = new CountDownLatch(PEERS);
  private final CountDownLatch reused = new CountDownLatch(1);

  @BeforeAll
  static void onLinux() {
    assumeTrue(Epoll.isAvailable());
  }

  /** If two channels are ready at once, the first closes the other and opens a new channel. */
  private final class Replacing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      accepted.add(ctx.channel());
      acceptedAll.countDown();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      if (!opened.isEmpty()) {
        return;
      }
      Channel other =
          accepted.stream().filter(channel -> channel != ctx.channel()).findAny().orElseThrow();
      int descriptor = ((UnixChannel) other).fd().intValue();
      var unused = other.close();
      // Other code may open files too, so channels are opened until one gets the descriptor.
      for (int attempt = 0; attempt < 50; attempt++) {
        if (open(ctx.channel()) == descriptor) {
          reused.countDown();
          return;
        }
      }
    }
  }

  private int open(Channel neighbour) {
    Channel channel =
        new Bootstrap()
            .group(neighbour.eventLoop())
            .channel(EpollSocketChannel.class)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    failures.add(cause);
                  }
                })
            .register()
            .channel();
    opened.add(channel);
    return ((UnixChannel) channel).fd().intValue();
  }

  @Test
  void aNewChannelGetsNoEventThatWasFetchedForAClosedOne() throws Exception {
    EventLoopGroup loop = Transport.EPOLL.newEventLoops(1);
    List<Socket> peers = new ArrayList<>();
    try {
      Channel server =
          new ServerBootstrap()
              .group(loop)
              .channel(EpollServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(new Replacing());
                    }
                  })
              .bind("127.0.0.1", 0)
              .sync()
              .channel();
      for (int peer = 0; peer < PEERS; peer++) {
        InetSocketAddress address = (InetSocketAddress) server.localAddress();
        peers.add(new Socket(address.getAddress(), address.getPort()));
      }
      assertThat(acceptedAll.await(60, TimeUnit.SECONDS)).isTrue();
      // Both become ready while the loop runs this task, so it fetches both events in one call.
      loop.submit(() -> peers.forEach(EpollHandlersTest::writeAndEnd)).sync();
      assertThat(reused.await(60, TimeUnit.SECONDS)).isTrue();
      loop.submit(() -> {}).sync();
      assertThat(failures).isEmpty();
      assertThat(opened).allMatch(Channel::isOpen);
    } finally {
      for (Socket peer : peers) {
        peer.close();
      }
      loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }
  }

  private static void writeAndEnd(Socket peer) {
    try {
      OutputStream out = peer.getOutputStream();
      out.write(1);
      peer.shutdownOutput();
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
