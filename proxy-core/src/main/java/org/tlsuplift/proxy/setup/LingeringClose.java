package org.tlsuplift.proxy.setup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.RouteDecision;

/**
 * Closes a device connection in such a way that the device can read the last response.
 *
 * <p>If a socket with unread input is closed, the kernel sends a reset, which can destroy a
 * response that the device has not read (RFC 9112 section 9.6). This handler therefore shuts down
 * the output, discards further input, and closes the connection when the device closes it, or after
 * a second.
 */
public final class LingeringClose extends ChannelInboundHandlerAdapter {
  /** RFC 8446 section 6.2: access_denied. */
  private static final int ACCESS_DENIED = 49;

  /** RFC 8446 section 6.2: unexpected_message. */
  public static final int UNEXPECTED_MESSAGE = 10;

  /** RFC 8446 section 6.2: decode_error. */
  public static final int DECODE_ERROR = 50;

  /** RFC 8446 section 6.2: internal_error. */
  public static final int INTERNAL_ERROR = 80;

  /** RFC 6066 section 3: unrecognized_name. */
  public static final int UNRECOGNIZED_NAME = 112;

  /** The cause in the log and in mail replies when the daemon shuts down. */
  public static final String SHUTDOWN = "the proxy is shutting down";

  private static final int LINGER_SECONDS = 1;

  private LingeringClose() {}

  /** The TLS alert for a device that the routes deny. */
  public static int alertOf(RouteDecision.Deny refusal) {
    return refusal.reason() == CloseReason.SERVER_NAME_MISMATCH ? UNRECOGNIZED_NAME : ACCESS_DENIED;
  }

  /** Sends an unencrypted fatal TLS alert; allowed before the ServerHello (RFC 8446 section 6). */
  public static void alert(Channel device, int description) {
    ByteBuf record = device.alloc().buffer(7);
    // alert(21), TLS 1.0, two bytes, fatal(2)
    record.writeByte(21).writeShort(0x0301).writeShort(2).writeByte(2).writeByte(description);
    var unused = device.writeAndFlush(record);
  }

  /** Sends a mail device a reply with the reason. The device may display or log it. */
  public static void mail(Channel device, MailProtocol protocol, String why) {
    var unused =
        device.writeAndFlush(
            ByteBufUtil.writeAscii(device.alloc(), DeviceDialect.of(protocol).closing(why)));
  }

  /** Starts the lingering close of a connection. A device under TLS gets a close_notify first. */
  public static void linger(Channel device) {
    if (!device.isActive() || !(device instanceof DuplexChannel duplex)) {
      var unused = device.close();
      return;
    }
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device.pipeline().addFirst("lingering-close", new LingeringClose());
    SslHandler tls = device.pipeline().get(SslHandler.class);
    ChannelFuture delivered =
        tls == null ? device.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
    delivered.addListener(
        done -> duplex.shutdownOutput().addListener(ended -> device.config().setAutoRead(true)));
    var unused = device.eventLoop().schedule(() -> close(device), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private static void close(Channel device) {
    var unused = device.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      var unused = ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var unused = ctx.close();
  }
}
