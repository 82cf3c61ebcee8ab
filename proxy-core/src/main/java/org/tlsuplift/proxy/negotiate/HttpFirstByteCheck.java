package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;

/**
 * Detects from the first byte that a device does not use HTTP.
 *
 * <p>Without this check, a ClientHello on a proxy port would wait for the end of a request line,
 * which never comes.
 */
final class HttpFirstByteCheck extends ChannelInboundHandlerAdapter {
  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    int first = bytes.isReadable() ? bytes.getUnsignedByte(bytes.readerIndex()) : 'C';
    // RFC 9112 section 2.2 allows an empty line before the request line.
    if ((first >= 'A' && first <= 'Z') || first == '\r' || first == '\n') {
      ctx.fireChannelRead(message);
      ctx.pipeline().remove(this);
      return;
    }
    refused = true;
    bytes.release();
    HttpResponses.refuse(
        ctx,
        HttpResponseStatus.BAD_REQUEST,
        new NegotiationRefused(
            first == 0x16 || first >= 0x80
                ? "the device sent TLS, and this port expects 'CONNECT host:port'"
                : "the device sent neither HTTP nor TLS, and this port expects 'CONNECT host:port'",
            "set this address as HTTP proxy in the device, or use 'accept: fixed'"));
  }
}
