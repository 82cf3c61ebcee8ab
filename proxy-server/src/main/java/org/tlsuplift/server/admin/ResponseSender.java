package org.tlsuplift.server.admin;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.Map;
import org.tlsuplift.server.web.Response;
import org.tlsuplift.server.web.ResponseBody;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Sends responses with the common headers. */
final class ResponseSender {
  private final Scheduler streams;
  private final Duration stalled;
  private final Map<String, String> headers;

  /**
   * A sender.
   *
   * @param streams where streamed content is written
   * @param stalled how long a piece of it may stay unread
   * @param headers the headers of every response
   */
  ResponseSender(Scheduler streams, Duration stalled, Map<String, String> headers) {
    this.streams = streams;
    this.stalled = stalled;
    this.headers = headers;
  }

  Mono<Void> send(HttpServerRequest request, HttpServerResponse response, Response answer) {
    response
        .status(answer.status())
        .header(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .header(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.forEach(response::header);
    answer.headers().forEach(response::header);
    if (answer.body() instanceof ResponseBody.Whole whole) {
      return response.sendByteArray(Mono.just(whole.bytes())).then();
    }
    ResponseBody.Streamed streamed = (ResponseBody.Streamed) answer.body();
    if (HttpMethod.HEAD.equals(request.method())) {
      return response.send();
    }
    return response
        .sendByteArray(
            StreamedResponse.pieces(streamed.writing(), streams, stalled)
                .takeUntilOther(closed(request)))
        .then();
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
