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
 * <p>Each negotiation ends with exactly one event, {@link Negotiated} or {@link
 * NegotiationRefused}; an HTTP proxy may end with {@link PlainRequest} too. After the first its
 * handlers have removed themselves, and what the device sent after them is passed on.
 */
public final class Negotiators {
  private Negotiators() {}

  /**
   * A PROXY header, version 1 or 2, before another negotiation.
   *
   * <p>It ends with {@link ProxyHeader} or {@link NegotiationRefused}. The receiver of the first
   * adds the next steps during the event.
   */
  public static void addProxyHeader(ChannelPipeline pipeline) {
    pipeline
        .addLast("proxy-prefix", new ProxyHeaderPrefix())
        .addLast("proxy-decoder", new HAProxyMessageDecoder(ProxyHeaderNegotiator.MAX_EXTRAS, true))
        .addLast("proxy-header", new ProxyHeaderNegotiator());
  }

  /**
   * An explicit HTTP proxy: {@code CONNECT host:port} (RFC 9110 section 9.3.6), or one request in
   * plain HTTP, which ends with a {@link PlainRequest} in place of {@link Negotiated}. The encoder
   * then stays for the response, see {@link HttpResponses}.
   */
  public static void addHttp(ChannelPipeline pipeline, TargetPolicy policy) {
    pipeline
        .addLast("http-first-byte", new HttpFirstByteCheck())
        .addLast(HttpNegotiator.DECODER, new ProxyRequestDecoder())
        .addLast(HttpNegotiator.ENCODER, new HttpResponseEncoder())
        .addLast("http", new HttpNegotiator(policy));
  }

  /** A SOCKS proxy: version 5 (RFC 1928, RFC 1929), 4 and 4a. */
  public static void addSocks(ChannelPipeline pipeline, TargetPolicy policy, SocksUsers users) {
    pipeline.addLast("socks-version", new SocksVersionNegotiator(policy, users));
  }

  /** A port for one origin. */
  public static void addFixed(ChannelPipeline pipeline, HostPort origin) {
    pipeline.addLast("fixed", new FixedNegotiator(origin));
  }

  /**
   * A redirected device, which negotiates nothing.
   *
   * @param policy refuses what must not be reached by its address
   */
  public static void addRedirected(
      ChannelPipeline pipeline, Redirection redirection, TargetPolicy policy) {
    pipeline.addLast("redirected", new RedirectedNegotiator(redirection, policy));
  }

  /** Netty's decoder; it refuses a request whose end is ambiguous, instead of repairing it. */
  private static final class ProxyRequestDecoder extends HttpRequestDecoder {
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
     * The device closed the connection within a request: no response is possible, and the request
     * is not malformed.
     */
    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      in.skipBytes(in.readableBytes());
    }
  }

  /** Names the listener's one origin as soon as a device connects. */
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
