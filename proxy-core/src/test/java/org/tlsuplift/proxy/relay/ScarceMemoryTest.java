package org.tlsuplift.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.outcome.CloseReason;

/** While memory is scarce, a session reads only as much as its peer accepts. */
class ScarceMemoryTest {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final BlockingQueue<ChannelPromise> held = new LinkedBlockingQueue<>();
  private final AtomicReference<CloseReason> ended = new AtomicReference<>();
  private volatile boolean scarce;
  private Channel origin;
  private Channel deviceSide;
  private Channel originSide;

  /** A socket that accepts no bytes until the test allows it. */
  private final class FullSocket extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ((ByteBuf) message).release();
      held.add(promise);
    }
  }

  @BeforeEach
  void join() throws Exception {
    BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    LocalAddress address = new LocalAddress(ScarceMemoryTest.class);
    new ServerBootstrap()
        .group(loop)
        .channel(LocalServerChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accepted.add(channel);
              }
            })
        .bind(address)
        .sync();
    assertThat(connect(address).isActive()).isTrue();
    deviceSide = accepted.poll(60, TimeUnit.SECONDS);
    origin = connect(address);
    originSide = accepted.poll(60, TimeUnit.SECONDS);
    loop.submit(
            () -> {
              deviceSide.pipeline().addLast(new FullSocket());
              Relay relay =
                  Relay.join(
                      deviceSide,
                      originSide,
                      new SessionObserver() {},
                      () -> scarce,
                      QuickAck.of(deviceSide));
              relay.end().addListener(done -> ended.set(relay.end().getNow().reason()));
              relay.start();
            })
        .get(60, TimeUnit.SECONDS);
  }

  private Channel connect(LocalAddress address) throws InterruptedException {
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(LocalChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    // No code reads these bytes.
                  }
                })
            .connect(address);
    return connected.sync().channel();
  }

  @AfterEach
  void end() {
    loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void originSends() {
    origin.writeAndFlush(Unpooled.wrappedBuffer(new byte[1000])).syncUninterruptibly();
  }

  /** The next write towards the device. */
  private ChannelPromise write() throws InterruptedException {
    return held.poll(60, TimeUnit.SECONDS);
  }

  @Test
  void stopsReadingUntilAllDataIsWritten() throws Exception {
    scarce = true;
    originSends();
    ChannelPromise first = write();
    originSends();
    await().until(() -> !originSide.config().isAutoRead());
    // Bytes that arrived in the meantime stay in the socket, because the event loop has no task
    // left.
    loop.submit(() -> {}).get(60, TimeUnit.SECONDS);
    assertThat(held).isEmpty();
    assertThat(deviceSide.config().isAutoRead()).as("the other direction continues").isTrue();

    assertThat(first.trySuccess()).isTrue();
    ChannelPromise second = write();
    scarce = false;
    assertThat(second.trySuccess()).isTrue();
    await().until(() -> originSide.config().isAutoRead());
    originSends();
    assertThat(write()).isNotNull();
    assertThat(originSide.config().isAutoRead()).isTrue();
    assertThat(ended).hasValue(null);
  }

  @Test
  void keepsReadingWhileThereIsMemory() throws Exception {
    originSends();
    assertThat(write()).isNotNull();
    originSends();
    assertThat(write()).isNotNull();
    assertThat(originSide.config().isAutoRead()).isTrue();
  }

  @Test
  void aDeviceThatIsLostWhileItsOriginWaitsEndsTheSession() throws Exception {
    scarce = true;
    originSends();
    assertThat(write().tryFailure(new IOException("Connection reset by peer"))).isTrue();
    origin.close().sync();
    await().untilAsserted(() -> assertThat(ended).hasValue(CloseReason.DEVICE_RESET));
  }
}
