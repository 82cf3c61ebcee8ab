package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransportTest {
  /** Netty takes as many with NIO. */
  private static final int LEAST = 16;

  private final AtomicInteger accepted = new AtomicInteger();
  private final CompletableFuture<Integer> inFirstRound = new CompletableFuture<>();
  private final CompletableFuture<Boolean> noDelay = new CompletableFuture<>();

  /** Otherwise they wait in the kernel's queue for all work of the sessions under way. */
  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void acceptsManyConnectionsInEachRoundOfTheEventLoop(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable(), transport + " does not exist on this system");
    EventLoopGroup loop = transport.newEventLoops(1);
    List<Socket> devices = new ArrayList<>();
    try {
      InetSocketAddress port = (InetSocketAddress) listen(loop, transport).localAddress();
      CountDownLatch held = new CountDownLatch(1);
      CountDownLatch connected = new CountDownLatch(1);
      loop.execute(
          () -> {
            held.countDown();
            await(connected);
          });
      // Otherwise the loop could take the first device in the round that runs this task.
      held.await();
      for (int i = 0; i < LEAST; i++) {
        devices.add(new Socket(port.getAddress(), port.getPort()));
      }
      connected.countDown();

      assertThat(inFirstRound.get(1, TimeUnit.MINUTES)).isEqualTo(LEAST);
    } finally {
      for (Socket device : devices) {
        device.close();
      }
      loop.shutdownGracefully(0, 1, TimeUnit.MINUTES).syncUninterruptibly();
    }
  }

  /** The proxy sets no option for this, which would cost a system call for each connection. */
  @ParameterizedTest
  @EnumSource
  void sendsSmallPartsAtOnce(Transport transport) throws Exception {
    assumeTrue(transport.isAvailable(), transport + " does not exist on this system");
    EventLoopGroup loop = transport.newEventLoops(1);
    try {
      Channel accepting = listen(loop, transport);
      Channel dialled =
          new Bootstrap()
              .group(loop)
              .channel(transport.channel())
              .handler(new ChannelInboundHandlerAdapter())
              .connect(accepting.localAddress())
              .sync()
              .channel();
      assertThat(dialled.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
      assertThat(noDelay.get(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.MINUTES).syncUninterruptibly();
    }
  }

  private Channel listen(EventLoopGroup loop, Transport transport) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new ServerBootstrap()
        .group(loop)
        .channelFactory(transport.serverChannels(loopback))
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel device) {
                noDelay.complete(device.config().getOption(ChannelOption.TCP_NODELAY));
                if (accepted.incrementAndGet() == 1) {
                  // Runs after the event loop has handled all input of this round.
                  device.eventLoop().execute(() -> inFirstRound.complete(accepted.get()));
                }
              }
            })
        .bind(loopback, 0)
        .syncUninterruptibly()
        .channel();
  }

  private static void await(CountDownLatch connected) {
    try {
      connected.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
