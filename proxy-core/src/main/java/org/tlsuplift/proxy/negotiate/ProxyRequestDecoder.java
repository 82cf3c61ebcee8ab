package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;

/** Netty's decoder, which refuses in place of mending a request whose end is ambiguous. */
final class ProxyRequestDecoder extends HttpRequestDecoder {
  /** RFC 9112 section 3 recommends 8000 bytes at least. */
  private static final int MAX_REQUEST_LINE = 8192;

  private static final int MAX_HEADERS = 8192;

  ProxyRequestDecoder() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_REQUEST_LINE)
            .setMaxHeaderSize(MAX_HEADERS));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new UnreadableRequest.AmbiguousLengthException();
  }

  /**
   * The device has closed the connection within a request: nobody is left to answer, and the
   * request is not malformed.
   */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
  }
}
