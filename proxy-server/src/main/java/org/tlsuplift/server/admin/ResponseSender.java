package org.tlsuplift.server.admin;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Map;
import org.tlsuplift.server.web.Response;
import org.tlsuplift.server.web.ResponseBody;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Sends responses with the common headers. */
final class ResponseSender {
  /** How many pieces of streamed content wait for the event loop. */
  private static final int WAITING_PIECES = 16;

  private final Scheduler streams;
  private final Scheduler loop;
  private final AdminLimits limits;
  private final Map<String, String> headers;

  /**
   * A sender.
   *
   * @param streams where streamed content is written
   * @param loop the event loop of all connections
   * @param limits how long a response may take to begin, and a piece of it may stay unread
   * @param headers the headers of every response
   */
  ResponseSender(
      Scheduler streams, Scheduler loop, AdminLimits limits, Map<String, String> headers) {
    this.streams = streams;
    this.loop = loop;
    this.limits = limits;
    this.headers = headers;
  }

  /**
   * Sends a response. Must be called on the event loop.
   *
   * @return fails if the content or the connection fails. If streamed content fails before its
   *     first piece, nothing was sent, and the caller can send another response
   */
  Mono<Void> send(HttpServerRequest request, HttpServerResponse response, Response answer) {
    if (answer.body() instanceof ResponseBody.Whole whole) {
      setHead(response, answer);
      return response.sendByteArray(Mono.just(whole.bytes())).then();
    }
    ResponseBody.Streamed streamed = (ResponseBody.Streamed) answer.body();
    if (HttpMethod.HEAD.equals(request.method())) {
      setHead(response, answer);
      return response.send();
    }
    return StreamedResponse.pieces(streamed.writing(), streams, limits.stalled())
        .takeUntilOther(closed(request))
        .publishOn(loop, WAITING_PIECES)
        .timeout(Mono.delay(limits.begin(), loop))
        .switchOnFirst(
            (first, pieces) -> {
              if (first.isOnError()) {
                return pieces.then();
              }
              setHead(response, answer);
              return response.sendByteArray(pieces).then();
            })
        .then();
  }

  private void setHead(HttpServerResponse response, Response answer) {
    response
        .status(answer.status())
        .header(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .header(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.forEach(response::header);
    answer.headers().forEach(response::header);
  }

  /** Reactor Netty does not tell the writer that the connection is closed. */
  private static Mono<Void> closed(HttpServerRequest request) {
    return Mono.create(
        sink ->
            request.withConnection(
                connection -> {
                  ChannelFuture close = connection.channel().closeFuture();
                  ChannelFutureListener listener = ended -> sink.success();
                  close.addListener(listener);
                  sink.onDispose(() -> close.removeListener(listener));
                }));
  }
}
