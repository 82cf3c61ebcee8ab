package org.tlsuplift.server.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Gets the valid requests of one connection and sends the responses, one after the other. While one
 * is in progress, the connection is not read: a client that sends requests faster than it reads
 * responses has to wait, and one that only shuts down its own side gets its response.
 */
final class RequestDispatcher extends ChannelInboundHandlerAdapter {
  /** The event after which a connection ends with its present response. */
  static final Object STOP = new Object();

  private static final Logger log = LoggerFactory.getLogger(RequestDispatcher.class);

  private final Supplier<AdminPages> pages;
  private final AdminThreads.Pool streams;
  private final AdminLimits limits;
  private final Map<String, String> headers;

  /** What one read brought after the request in progress; the codec bounds the requests in it. */
  private final Queue<Object> waiting = new ArrayDeque<>();

  private @Nullable Exchange exchange;

  /** Whether the connection ends with the response in progress. */
  private boolean last;

  /**
   * A dispatcher for one connection.
   *
   * @param pages those of the configuration in use
   * @param streams where streamed content is written
   * @param headers the headers of every response
   */
  RequestDispatcher(
      Supplier<AdminPages> pages,
      AdminThreads.Pool streams,
      AdminLimits limits,
      Map<String, String> headers) {
    this.pages = pages;
    this.streams = streams;
    this.limits = limits;
    this.headers = headers;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (exchange != null && exchange.received) {
      waiting.add(message);
    } else {
      take(context, message);
    }
  }

  private void take(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        exchange = new Exchange(context, request, pages.get());
        exchange.begin();
      } else if (message instanceof HttpContent content && exchange != null) {
        exchange.discard(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void next(ChannelHandlerContext context) {
    exchange = null;
    while (exchange == null || !exchange.received) {
      Object message = waiting.poll();
      if (message == null) {
        context.channel().config().setAutoRead(true);
        return;
      }
      take(context, message);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == STOP) {
      last = true;
      if (exchange == null) {
        var unused = context.close();
      }
    }
  }

  /** Logs nothing: anybody can cause this, and the message may quote what was sent. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var unused = context.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    if (exchange != null) {
      exchange.stop();
    }
  }

  /** A request and its response. */
  private final class Exchange {
    private final ChannelHandlerContext context;
    private final HttpRequest request;
    private final AdminPages pages;
    private final String path;
    private final boolean hasBody;
    private final int maxForm;
    private boolean received;
    private final @Nullable ByteArrayOutputStream form;
    private boolean complete;
    private long discarded;
    private @Nullable Future<?> discarding;
    private @Nullable StreamedResponse streamed;

    Exchange(ChannelHandlerContext context, HttpRequest request, AdminPages pages) {
      this.context = context;
      this.request = request;
      this.pages = pages;
      this.path = RequestReader.path(request.uri());
      this.hasBody = hasBody(request.headers());
      this.maxForm = pages.maxForm(request, path);
      this.form = maxForm > 0 ? new ByteArrayOutputStream() : null;
    }

    /** A request without a body is complete with the next message, which comes at once. */
    void begin() {
      // After a request with a body, what is not read would be parsed as the next request.
      last |= hasBody || !HttpUtil.isKeepAlive(request);
      if (hasBody && request.headers().contains(HttpHeaderNames.EXPECT)) {
        // It waits for 100 (Continue) (RFC 9110 section 10.1.1) and gets the final response
        // instead.
        answer();
      } else if (hasBody) {
        discarding =
            context
                .executor()
                .schedule(
                    this::answer,
                    (form == null ? AdminLimits.DISCARD_LIMIT : AdminLimits.FORM_LIMIT).toMillis(),
                    TimeUnit.MILLISECONDS);
      }
    }

    /**
     * Reads the form, or a body that is already being sent, within bounds: if a connection is
     * closed with unread input, the kernel sends a reset, which destroys the response.
     */
    void discard(HttpContent content) {
      discarded += content.content().readableBytes();
      complete = content instanceof LastHttpContent;
      if (form != null && discarded <= maxForm) {
        form.writeBytes(ByteBufUtil.getBytes(content.content()));
      }
      if (content instanceof LastHttpContent || discarded > AdminLimits.MAX_DISCARDED) {
        answer();
      }
    }

    private void answer() {
      if (received) {
        return;
      }
      received = true;
      stopDiscarding();
      context.channel().config().setAutoRead(false);
      CompletableFuture<Response> answer =
          unreadBody()
              .map(CompletableFuture::completedFuture)
              .orElseGet(
                  () ->
                      pages.answer(
                          request,
                          path,
                          ((InetSocketAddress) context.channel().remoteAddress()).getAddress(),
                          form == null ? new byte[0] : form.toByteArray()));
      // In a task of its own: the gate takes the end of a read after a response for a new request.
      var unused = answer.thenAccept(response -> context.executor().execute(() -> send(response)));
    }

    private Optional<Response> unreadBody() {
      if (!hasBody) {
        return Optional.empty();
      }
      if (form == null) {
        return Optional.of(
            ErrorResponses.of(path, 413, "this port accepts no requests with a body"));
      }
      if (discarded > maxForm) {
        return Optional.of(
            ErrorResponses.of(
                path,
                413,
                "this form may have "
                    + maxForm
                    + " bytes at most; import a table in two parts, and let programs send it as"
                    + " multipart/form-data"));
      }
      return complete
          ? Optional.empty()
          : Optional.of(ErrorResponses.of(path, 408, "the form did not arrive in time"));
    }

    private void send(Response response) {
      if (!context.channel().isActive()) {
        return;
      }
      HttpResponse head;
      try {
        head = head(response);
      } catch (IllegalArgumentException invalidHeader) {
        send(pages.failed(path, invalidHeader));
        return;
      }
      if (response.body() instanceof ResponseBody.Streamed content
          && !HttpMethod.HEAD.equals(request.method())) {
        StreamedResponse stream = new StreamedResponse(context, head, content.writing(), limits);
        streamed = stream;
        stream.start(streams).addListener(done -> streamed(stream, done.cause()));
        return;
      }
      byte[] bytes =
          response.body() instanceof ResponseBody.Whole whole ? whole.bytes() : new byte[0];
      context
          .writeAndFlush(
              new DefaultFullHttpResponse(
                  head.protocolVersion(),
                  head.status(),
                  Unpooled.wrappedBuffer(bytes),
                  head.headers(),
                  EmptyHttpHeaders.INSTANCE))
          .addListener(sent -> ended(sent.isSuccess()));
    }

    private HttpResponse head(Response response) {
      HttpVersion version =
          request.protocolVersion().isKeepAliveDefault()
              ? HttpVersion.HTTP_1_1
              : HttpVersion.HTTP_1_0;
      HttpResponse head =
          new DefaultHttpResponse(version, HttpResponseStatus.valueOf(response.status()));
      HttpHeaders fields =
          head.headers()
              .set(HttpHeaderNames.CONTENT_TYPE, response.contentType())
              .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
      headers.forEach(fields::set);
      response.headers().forEach(fields::set);
      if (response.body() instanceof ResponseBody.Whole whole) {
        fields.set(HttpHeaderNames.CONTENT_LENGTH, whole.bytes().length);
      } else if (version.isKeepAliveDefault()) {
        fields.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      } else {
        // HTTP/1.0 knows no chunks: such content ends with the connection.
        last = true;
      }
      HttpUtil.setKeepAlive(fields, version, !last);
      return head;
    }

    private void streamed(StreamedResponse stream, @Nullable Throwable failure) {
      streamed = null;
      if (failure == null) {
        ended(true);
      } else if (stream.hasBegun()) {
        cut(failure);
      } else if (context.channel().isActive()) {
        send(pages.failed(path, failure));
      }
    }

    private void cut(Throwable failure) {
      boolean readerHasGone = failure instanceof IOException;
      log.atLevel(readerHasGone ? Level.DEBUG : Level.ERROR)
          .setCause(failure)
          .addKeyValue("path", path)
          .log("a response of the admin port was cut off");
      if (context.channel().isActive() && !request.protocolVersion().isKeepAliveDefault()) {
        // A reset, because in HTTP/1.0 an orderly end means that the content is complete.
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      }
      var unused = context.close();
    }

    private void ended(boolean sent) {
      if (last || !sent) {
        var unused = context.close();
      } else {
        next(context);
      }
    }

    void stop() {
      stopDiscarding();
      if (streamed != null) {
        streamed.stop();
      }
    }

    private void stopDiscarding() {
      if (discarding != null) {
        discarding.cancel(false);
        discarding = null;
      }
    }

    private static boolean hasBody(HttpHeaders headers) {
      return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
          || !headers.get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0");
    }
  }
}
