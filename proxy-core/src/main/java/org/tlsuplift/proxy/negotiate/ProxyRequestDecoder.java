package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

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
}
