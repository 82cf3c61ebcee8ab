package org.tlsuplift.proxy.upstream;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.HttpExchange;
import org.tlsuplift.proxy.upstream.dial.HttpFetch;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;

/**
 * Fetches an OCSP response or a CRL over plain HTTP, directly or through the upstream proxy. It
 * sends one request per connection, follows no redirects, and limits time and size.
 *
 * <p>The address comes from a certificate, so {@link StatusAddresses} checks it. Never blocks. A
 * request runs on one event loop.
 */
record StatusFetch(OriginDialer dial, StatusAddresses allowed, Duration limit) {
  private static final int HTTP_PORT = 80;

  /**
   * Sends a request.
   *
   * @param address an http URL
   * @param question an OCSP request for POST, or null for GET
   * @return the response body; the message of a failure is for the operator
   */
  Future<byte[]> fetch(EventLoop loop, String address, byte @Nullable [] question, int maxBytes) {
    Promise<byte[]> answer = loop.newPromise();
    try {
      URI uri = URI.create(address);
      HostPort host = new HostPort(uri.getHost(), uri.getPort() < 0 ? HTTP_PORT : uri.getPort());
      Future<?> timer =
          loop.schedule(
              () -> answer.tryFailure(new UnavailableException("no response in time")),
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
      answer.addListener(done -> timer.cancel(false));
      connect(
          DialContext.itself(loop),
          host,
          answer,
          channel -> {
            UpstreamProxy sender = dial.senderOf(host);
            FullHttpRequest request = request(uri, host, question);
            exchange(
                channel,
                sender == null ? request : HttpExchange.toProxy(request, sender),
                answer,
                maxBytes);
          });
    } catch (RuntimeException malformed) {
      answer.tryFailure(new UnavailableException("the address is malformed"));
    }
    return answer;
  }

  private void connect(
      DialContext dialContext, HostPort host, Promise<byte[]> answer, Consumer<Channel> next) {
    if (!allowed.mayAsk(host)) {
      answer.tryFailure(new UnavailableException(StatusAddresses.REFUSED));
      return;
    }
    if (dial.isThroughProxy(host)) {
      // The upstream proxy resolves the name and decides which addresses it allows.
      then(dial.dialPlain(dialContext, host), answer, next);
      return;
    }
    Future<List<InetSocketAddress>> resolution = dial.resolve(dialContext, host);
    resolution.addListener(
        done -> {
          if (!resolution.isSuccess()) {
            answer.tryFailure(new UnavailableException("the name cannot be resolved"));
            return;
          }
          List<InetSocketAddress> addresses = allowed.allowed(resolution.getNow());
          if (addresses.isEmpty()) {
            answer.tryFailure(new UnavailableException(StatusAddresses.REFUSED));
          } else {
            // Not by name, because a second lookup may return other addresses.
            then(dial.dialAddresses(dialContext, host, addresses), answer, next);
          }
        });
  }

  private static void then(
      Future<Channel> dialled, Promise<byte[]> answer, Consumer<Channel> next) {
    answer.addListener(done -> dialled.cancel(false));
    dialled.addListener(
        done -> {
          if (!dialled.isSuccess()) {
            answer.tryFailure(new UnavailableException("the connection failed"));
          } else if (answer.isDone()) {
            var unused = dialled.getNow().close();
          } else {
            next.accept(dialled.getNow());
          }
        });
  }

  private static FullHttpRequest request(URI uri, HostPort host, byte @Nullable [] question) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            question == null ? HttpMethod.GET : HttpMethod.POST,
            uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(),
            question == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(question));
    request
        .headers()
        .set(HttpHeaderNames.HOST, host.port() == HTTP_PORT ? uri.getHost() : host.toString());
    if (question != null) {
      request.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/ocsp-request");
    }
    return request;
  }

  private static void exchange(
      Channel channel, FullHttpRequest request, Promise<byte[]> answer, int maxBytes) {
    Promise<FullHttpResponse> response = channel.eventLoop().newPromise();
    answer.addListener(done -> response.cancel(false));
    response.addListener(
        done -> {
          if (!response.isSuccess()) {
            answer.tryFailure(new UnavailableException(explain(response.cause())));
          } else if (!response.getNow().status().equals(HttpResponseStatus.OK)) {
            answer.tryFailure(
                new UnavailableException(
                    "the HTTP status is " + response.getNow().status().code()));
          } else {
            answer.trySuccess(ByteBufUtil.getBytes(response.getNow().content()));
          }
        });
    HttpFetch.start(channel, request, maxBytes, response);
  }

  private static String explain(Throwable failure) {
    if (failure instanceof CorruptedFrameException) {
      return "the response is not HTTP";
    }
    if (failure instanceof TooLongFrameException) {
      return "the response is too long";
    }
    return failure instanceof ClosedChannelException
        ? "the server closed the connection"
        : "the connection was lost";
  }

  /** A query failed. The message is a fixed text for the operator. */
  private static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
      // No stack trace, because this happens in normal operation.
      super(message, null, false, false);
    }
  }
}
