package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Accepts {@code CONNECT host:port}, and gives a plain HTTP request to {@link
 * HttpForwardNegotiator}.
 *
 * <p>Responds with 200 before the origin is dialled, because the device sends its ClientHello,
 * which decides the route, only after the response.
 */
final class HttpNegotiator extends ChannelInboundHandlerAdapter {
  static final String DECODER = "http-decoder";
  static final String ENCODER = "http-encoder";

  private static final HttpResponseStatus ESTABLISHED =
      new HttpResponseStatus(200, "Connection established");

  private final TargetPolicy policy;
  private @Nullable HostPort target;
  private boolean refused;

  private HttpNegotiator(TargetPolicy policy) {
    this.policy = policy;
  }

  /**
   * Adds the handlers of an explicit HTTP proxy. After a plain request the encoder stays for the
   * response, see {@link HttpResponses}.
   */
  static void addTo(ChannelPipeline pipeline, TargetPolicy policy) {
    pipeline
        .addLast("http-first-byte", new FirstByteCheck())
        .addLast(DECODER, new ProxyRequestDecoder())
        .addLast(ENCODER, new HttpResponseEncoder())
        .addLast("http", new HttpNegotiator(policy));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (target == null
        && !refused
        && message instanceof HttpRequest request
        && !request.method().equals(HttpMethod.CONNECT)) {
      ctx.pipeline()
          .addAfter(ctx.name(), "http-forward", new HttpForwardNegotiator(policy))
          .remove(this);
      ctx.fireChannelRead(message);
      return;
    }
    try {
      if (!refused && message instanceof HttpObject part) {
        read(ctx, part);
      }
    } catch (RefusedRequestException why) {
      refuse(ctx, why.status(), new NegotiationRefused(why.reason(), why.why(), target));
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, HttpObject part) throws RefusedRequestException {
    if (part.decoderResult().isFailure()) {
      throw UnreadableRequest.of(part);
    }
    if (part instanceof HttpRequest request) {
      connect(ctx, request);
    } else if (part instanceof HttpContent content && content.content().isReadable()) {
      throw new RefusedRequestException(
          HttpResponseStatus.BAD_REQUEST,
          "the device sent content with its CONNECT",
          "update the device");
    }
    if (target != null && part instanceof LastHttpContent) {
      HttpResponses.write(
          ctx.channel(), new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED));
      ctx.fireUserEventTriggered(new Negotiated(target));
      // This handler first, so that the decoder's bytes, the ClientHello, reach the next one.
      ctx.pipeline().remove(this);
      ctx.pipeline().remove(ENCODER);
      ctx.pipeline().remove(DECODER);
    }
  }

  private void connect(ChannelHandlerContext ctx, HttpRequest request)
      throws RefusedRequestException {
    requireVersion1(request);
    HostPort authority =
        HostPort.parse(request.uri())
            .orElseThrow(
                () ->
                    new RefusedRequestException(
                        HttpResponseStatus.BAD_REQUEST,
                        "CONNECT needs an authority of the form host:port or [IPv6 address]:port",
                        "correct the target in the device"));
    Optional<NegotiationRefused> refusal = policy.refusal(authority);
    if (refusal.isPresent()) {
      refuse(ctx, HttpResponseStatus.FORBIDDEN, refusal.get());
    } else {
      target = authority;
    }
  }

  /**
   * Checks the version of a request.
   *
   * @throws RefusedRequestException if it is neither HTTP/1.1 nor HTTP/1.0
   */
  static void requireVersion1(HttpRequest request) throws RefusedRequestException {
    if (request.protocolVersion().majorVersion() != 1) {
      throw new RefusedRequestException(
          HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
          "this proxy supports HTTP/1.1 and HTTP/1.0");
    }
  }

  private void refuse(
      ChannelHandlerContext ctx, HttpResponseStatus status, NegotiationRefused refusal) {
    refused = true;
    HttpResponses.refuse(ctx, status, refusal);
  }

  /**
   * Detects from the first byte that a device does not use HTTP.
   *
   * <p>Without this check, a ClientHello on a proxy port would wait for the end of a request line,
   * which never comes.
   */
  private static final class FirstByteCheck extends ChannelInboundHandlerAdapter {
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

  /**
   * Netty's decoder, but it drops an incomplete request.
   *
   * <p>To report: "HttpObjectDecoder.decodeLast reports a request that the end of the connection
   * cuts as an invalid request." Delete the class when it does not.
   */
  private static final class ProxyRequestDecoder extends HttpRequestDecoder {
    /** RFC 9112 section 3 recommends at least 8000 bytes. */
    private static final int MAX_REQUEST_LINE = 8192;

    private static final int MAX_HEADERS = 8192;

    ProxyRequestDecoder() {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(MAX_REQUEST_LINE)
              .setMaxHeaderSize(MAX_HEADERS)
              .setUseRfc9112TransferEncoding(true));
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
}
