package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ServerEncoder;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import io.netty.util.ReferenceCountUtil;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.netty.Socks4NameCheck;

/** Detects a device's SOCKS version from the first byte, and adds the handlers for it. */
final class SocksVersionNegotiator extends ChannelInboundHandlerAdapter {
  static final String DECODER = "socks-decoder";
  static final String ENCODER = "socks-encoder";

  private final TargetPolicy policy;
  private final SocksUsers users;
  private boolean refused;

  SocksVersionNegotiator(TargetPolicy policy, SocksUsers users) {
    this.policy = policy;
    this.users = users;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused || !(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
      ReferenceCountUtil.release(message);
      return;
    }
    int first = bytes.getUnsignedByte(bytes.readerIndex());
    if (first == 5) {
      add(ctx, new Socks5InitialRequestDecoder(), Socks5ServerEncoder.DEFAULT);
      ctx.pipeline().addAfter(ENCODER, "socks5", new SocksNegotiator(policy, users));
    } else if (first == 4) {
      add(ctx, new Socks4ServerDecoder(), Socks4ServerEncoder.INSTANCE);
      ctx.pipeline()
          .addBefore(DECODER, "socks4-name", new Socks4NameCheck())
          .addAfter(ENCODER, "socks4", new SocksNegotiator(policy, users));
    } else {
      refused = true;
      bytes.release();
      // No reply: a device with another protocol could not read it.
      ctx.fireUserEventTriggered(refusal(first));
      return;
    }
    ctx.fireChannelRead(message);
    ctx.pipeline().remove(this);
  }

  private static void add(
      ChannelHandlerContext ctx, ChannelHandler decoder, ChannelHandler encoder) {
    ctx.pipeline().addAfter(ctx.name(), DECODER, decoder).addAfter(DECODER, ENCODER, encoder);
  }

  /**
   * Ends a negotiation. The calling handler is removed first, so that the decoder's bytes, the
   * ClientHello, reach the next handler.
   */
  static void end(ChannelHandlerContext ctx, HostPort target) {
    ctx.fireUserEventTriggered(new Negotiated(target));
    ctx.pipeline().remove(ctx.handler());
    ctx.pipeline().remove(ENCODER);
    ctx.pipeline().remove(DECODER);
  }

  private static NegotiationRefused refusal(int first) {
    if (first == 0x16 || first >= 0x80) {
      return new NegotiationRefused(
          "the device sent TLS, and this port expects SOCKS",
          "set this address as SOCKS proxy in the device, or use 'accept: fixed'");
    }
    return first >= 'A' && first <= 'Z'
        ? new NegotiationRefused(
            "the device sent HTTP, and this port expects SOCKS",
            "set this address as SOCKS proxy in the device, or use 'accept: http-connect'")
        : new NegotiationRefused(
            "the device sent neither SOCKS 5 nor SOCKS 4",
            "point the device at a listener of its protocol");
  }
}
