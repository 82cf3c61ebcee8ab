package org.tlsuplift.server.process;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Receives what a service reports, in the place of systemd. */
public final class Reports implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 10;
  private static final long PID = 4711;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final String socket;
  private final Channel channel;

  /**
   * Listens.
   *
   * @param socket a path, or {@code @name} for the abstract namespace
   */
  public Reports(String socket) {
    this.socket = socket;
    this.channel =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(
                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                  @Override
                  protected void channelRead0(
                      ChannelHandlerContext context, DomainDatagramPacket packet) {
                    received.add(packet.content().toString(StandardCharsets.UTF_8));
                  }
                })
            .bind(new DomainSocketAddress(socket.replaceFirst("^@", "\0")))
            .syncUninterruptibly()
            .channel();
  }

  /** A notifier that reports here. */
  public ServiceNotifier notifier(Map<String, String> more) {
    Map<String, String> environment = new java.util.HashMap<>(more);
    environment.put("NOTIFY_SOCKET", socket);
    return ServiceNotifier.of(environment, PID);
  }

  /** The lines of the next report. */
  public List<String> next() throws InterruptedException {
    String report = received.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    return report == null ? List.of("nothing was reported") : report.lines().toList();
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
