package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.util.List;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Adds the steps of a negotiation to the end of a pipeline.
 *
 * <p>Each negotiation ends with exactly one event: {@link Negotiated}, {@link NegotiationRefused}
 * or, for an HTTP proxy, {@link PlainRequest}. By the time of {@link Negotiated} the handlers
 * remove themselves and pass on the bytes that follow.
 */
public final class Negotiators {
  private Negotiators() {}

  /**
   * Adds a PROXY header, version 1 or 2, before another negotiation.
   *
   * <p>This step ends with {@link ProxyHeader} or {@link NegotiationRefused}. The receiver of
   * {@link ProxyHeader} adds the next steps during the event.
   */
  public static void addProxyHeader(ChannelPipeline pipeline) {
    pipeline
        .addLast("proxy-prefix", new ProxyHeaderPrefix())
        .addLast("proxy-decoder", new HAProxyMessageDecoder(ProxyHeaderNegotiator.MAX_EXTRAS, true))
        .addLast("proxy-header", new ProxyHeaderNegotiator());
  }

  /**
   * Adds an explicit HTTP proxy: {@code CONNECT host:port} (RFC 9110 section 9.3.6), or one plain
   * HTTP request, which ends with {@link PlainRequest} instead of {@link Negotiated}. After a plain
   * request the encoder stays for the response, see {@link HttpResponses}.
   */
  public static void addHttp(ChannelPipeline pipeline, TargetPolicy policy) {
    pipeline
        .addLast("http-first-byte", new HttpFirstByteCheck())
        .addLast(HttpNegotiator.DECODER, new ProxyRequestDecoder())
        .addLast(HttpNegotiator.ENCODER, new HttpResponseEncoder())
        .addLast("http", new HttpNegotiator(policy));
  }

  /** Adds a SOCKS proxy: version 5 (RFC 1928, RFC 1929), 4 and 4a. */
  public static void addSocks(ChannelPipeline pipeline, TargetPolicy policy, SocksUsers users) {
    pipeline.addLast("socks-version", new SocksVersionNegotiator(policy, users));
  }

  /** Adds the negotiation of a port for one origin, which needs no bytes of the device. */
  public static void addFixed(ChannelPipeline pipeline, HostPort origin) {
    pipeline.addLast("fixed", new FixedNegotiator(origin));
  }

  /**
   * Adds the negotiation of a redirected device, which needs no bytes of the device.
   *
   * @param policy refuses addresses that must not be reached
   */
  public static void addRedirected(
      ChannelPipeline pipeline, Redirection redirection, TargetPolicy policy) {
    pipeline.addLast("redirected", new RedirectedNegotiator(redirection, policy));
  }

  /** Netty's decoder, but it refuses a request with an ambiguous length instead of repairing it. */
  private static final class ProxyRequestDecoder extends HttpRequestDecoder {
    /** RFC 9112 section 3 recommends at least 8000 bytes. */
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
     * The device closed the connection within a request. A response is impossible, and the request
     * is not malformed.
     */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      in.skipBytes(in.readableBytes());
    }
  }

  /** Reports the listener's only origin as the target when a device connects. */
  private static final class FixedNegotiator extends ChannelInboundHandlerAdapter {
    private final HostPort origin;

    FixedNegotiator(HostPort origin) {
      this.origin = origin;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.fireChannelActive();
      ctx.fireUserEventTriggered(new Negotiated(origin));
      ctx.pipeline().remove(this);
    }
  }
}
