package org.tlsuplift.server.log;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/**
 * One datagram for each message, to a socket such as {@code /dev/log}. The JDK has no UNIX datagram
 * sockets, so this class uses those of Netty.
 */
final class UnixConnection implements SyslogConnection {
  private static final long END_MILLIS = 500;

  private final EventLoopGroup loop;
  private final Channel channel;

  private UnixConnection(EventLoopGroup loop, Channel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  static UnixConnection open(SyslogServer.Address.Unix address) throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException("UNIX sockets need Linux; use udp:// or tls://");
    }
    if (Files.notExists(address.socket())) {
      throw new IOException("the socket does not exist");
    }
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("uplift-syslog", true), EpollIoHandler.newFactory());
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new DomainSocketAddress(address.socket().toString()))
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      end(loop);
      throw new IOException(connected.cause().toString(), connected.cause());
    }
    return new UnixConnection(loop, connected.channel());
  }

  @Override
  public void send(byte[] message) throws IOException {
    // The receiver may be slow: then the socket is full, and this waits until it is not or closed.
    ChannelFuture sent =
        channel.writeAndFlush(Unpooled.wrappedBuffer(message)).awaitUninterruptibly();
    if (!sent.isSuccess()) {
      throw new IOException(sent.cause().toString(), sent.cause());
    }
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(END_MILLIS);
    end(loop);
  }

  private static void end(EventLoopGroup loop) {
    var unused = loop.shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS);
  }
}
