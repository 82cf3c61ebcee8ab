package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Reads the device's address from a PROXY header, version 1 or 2.
 *
 * <p>For a health check (LOCAL in version 2) and for a sender that does not know its device
 * (UNKNOWN in version 1, AF_UNSPEC in version 2), the sender counts as the device. Other contents
 * of the header are ignored.
 */
public final class ProxyHeaderNegotiator extends ChannelInboundHandlerAdapter {
  /** In bytes: room for the extensions of known load balancers. Version 1 has at most 107. */
  static final int MAX_EXTRAS = 2048;

  static final String MALFORMED = "the PROXY header is malformed or too long";

  private boolean over;

  ProxyHeaderNegotiator() {}

  /**
   * Adds the handlers for a PROXY header before another negotiation.
   *
   * <p>They end with {@link ProxyHeader} or {@link NegotiationRefused}. The receiver of {@link
   * ProxyHeader} adds the next steps during the event.
   */
  public static void addTo(ChannelPipeline pipeline) {
    pipeline
        .addLast("proxy-prefix", new ProxyHeaderPrefix())
        .addLast("proxy-decoder", new HAProxyMessageDecoder(MAX_EXTRAS, true))
        .addLast("proxy-header", new ProxyHeaderNegotiator());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!over && message instanceof HAProxyMessage header) {
        over = true;
        read(ctx, header);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof DecoderException)) {
      ctx.fireExceptionCaught(cause);
    } else if (!over) {
      over = true;
      refuse(ctx, MALFORMED);
    }
  }

  private void read(ChannelHandlerContext ctx, HAProxyMessage header) {
    if (header.command() == HAProxyCommand.LOCAL) {
      accept(ctx, ProxyHeader.OF_SENDER);
      return;
    }
    switch (header.proxiedProtocol()) {
      case TCP4, TCP6 -> device(ctx, header);
      case UNKNOWN -> accept(ctx, ProxyHeader.OF_SENDER);
      case UDP4, UDP6, UNIX_STREAM, UNIX_DGRAM ->
          refuse(
              ctx,
              "the PROXY header names %s, and devices connect by TCP over IPv4 or IPv6"
                  .formatted(header.proxiedProtocol()));
    }
  }

  private static void device(ChannelHandlerContext ctx, HAProxyMessage header) {
    InetSocketAddress device = address(header.sourceAddress(), header.sourcePort());
    if (device == null) {
      refuse(ctx, "the PROXY header has no device address");
      return;
    }
    accept(
        ctx,
        new ProxyHeader(device, address(header.destinationAddress(), header.destinationPort())));
  }

  private static @Nullable InetSocketAddress address(@Nullable String literal, int port) {
    byte[] address = literal == null ? null : NetUtil.createByteArrayFromIpAddressString(literal);
    try {
      return address == null
          ? null
          : new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an address of " + address.length + " bytes", impossible);
    }
  }

  /** The bytes that the decoder still holds go to the handlers that the receiver adds. */
  private static void accept(ChannelHandlerContext ctx, ProxyHeader header) {
    ctx.fireUserEventTriggered(header);
    ctx.pipeline().remove(ctx.handler());
  }

  private static void refuse(ChannelHandlerContext ctx, String detail) {
    ctx.fireUserEventTriggered(
        new NegotiationRefused(CloseReason.PROXY_HEADER_REFUSED, detail, null));
  }
}
