package org.tlsuplift.proxy.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Makes the kernel acknowledge at once what a device sends in small parts.
 *
 * <p>A device without TCP_NODELAY keeps the second small part of a request, such as the body after
 * the head, until the first part is acknowledged (RFC 896). Linux delays an acknowledgement by 40
 * ms for data to send with it (RFC 1122 section 4.2.3.2), but nothing is sent before the request is
 * complete. The kernel forgets the option, so it is set again for each part.
 *
 * <p>Only Linux has the option. It costs a system call, so uploads do without: it is set for at
 * most {@link #MAX_PARTS} parts after the last bytes for the device, and only for parts that fit
 * into one segment. The kernel acknowledges two full segments without it.
 *
 * <p>As a handler before the TLS handler, it sets the option for the device's handshake messages.
 * Some devices send ClientKeyExchange, ChangeCipherSpec and Finished in three segments.
 */
public final class QuickAck extends ChannelInboundHandlerAdapter {
  /** A device that sends so many parts without a response does not wait for one. */
  static final int MAX_PARTS = 4;

  /** The bytes of a full segment in Ethernet without the headers of IPv4 and TCP. */
  private static final int SEGMENT = 1460;

  private final Channel channel;
  private final @Nullable ChannelOption<Boolean> option;
  private int left = MAX_PARTS;
  private boolean read;

  private QuickAck(Channel channel, @Nullable ChannelOption<Boolean> option) {
    this.channel = channel;
    this.option = option;
  }

  /** Does nothing if the channel's transport does not have the option. */
  public static QuickAck of(Channel device) {
    return new QuickAck(device, option(device));
  }

  static QuickAck with(Channel device, ChannelOption<Boolean> option) {
    return new QuickAck(device, option);
  }

  private static @Nullable ChannelOption<Boolean> option(Channel device) {
    if (device instanceof EpollSocketChannel) {
      return EpollChannelOption.TCP_QUICKACK;
    }
    return device instanceof IoUringSocketChannel ? IoUringChannelOption.TCP_QUICKACK : null;
  }

  /**
   * The device sent bytes, and the proxy has handled them.
   *
   * @param bytes after TLS; 0 for an incomplete record
   */
  void received(long bytes) {
    if (left > 0 && bytes <= SEGMENT && option != null && channel.isOpen()) {
      left--;
      channel.config().setOption(option, true);
    }
  }

  /** The relay starts. A part of a record may have arrived before, and no bytes after it. */
  void started() {
    if (left == MAX_PARTS) {
      received(0);
    }
  }

  /** Bytes were sent to the device. They carry an acknowledgement. */
  void sent() {
    left = MAX_PARTS;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    read = true;
    ctx.fireChannelRead(message);
  }

  /** The handshake is incomplete, because this handler is removed at its end. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    if (read && !ctx.isRemoved()) {
      read = false;
      received(0);
    }
  }
}
