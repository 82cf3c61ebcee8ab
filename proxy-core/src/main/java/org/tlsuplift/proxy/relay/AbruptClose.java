package org.tlsuplift.proxy.relay;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection without a close_notify, or with a reset if it carries a plain HTTP response.
 *
 * <p>A close_notify states that nothing is missing (RFC 8446 section 6.1). HTTP has responses whose
 * only end is this one (RFC 9112 section 9.8), so a peer must not get it when the proxy cuts a
 * stream. Without TLS, the FIN is this end.
 */
public final class AbruptClose {
  private AbruptClose() {}

  /**
   * Closes a channel with a FIN, or a reset if it has unread bytes or if the device lacks a part of
   * a plain HTTP response. What is already encrypted, such as the end of a handshake or an alert,
   * is sent before, if the peer reads it within the time that the TLS handler has for its
   * close_notify.
   */
  public static void close(Channel channel) {
    ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
    if (tls == null || !((SslHandler) tls.handler()).handshakeFuture().isSuccess()) {
      // Without a handshake there is no stream, and the TLS handler may still have an alert to
      // send.
      resetIfCut(channel);
      var unused = channel.close();
      return;
    }
    // Calls on its context go past the TLS handler, which would send a close_notify. To report:
    // "SslHandler cannot flush what is encrypted and close without a close_notify." Delete the rest
    // of this method when it can.
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    if (pending == null || pending.totalPendingWriteBytes() == 0) {
      end(tls);
      return;
    }
    long limit = ((SslHandler) tls.handler()).getCloseNotifyFlushTimeoutMillis();
    Future<?> late = channel.eventLoop().schedule(() -> end(tls), limit, TimeUnit.MILLISECONDS);
    tls.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            done -> {
              late.cancel(false);
              end(tls);
            });
  }

  private static void resetIfCut(Channel channel) {
    ResponseEnd response = channel.pipeline().get(ResponseEnd.class);
    if (response != null && channel.isOpen() && !response.isDelivered(channel)) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException gone) {
        // The device has closed the connection, so there is nothing to reset.
      }
    }
  }

  private static void end(ChannelHandlerContext tls) {
    var unused = tls.close();
  }
}
