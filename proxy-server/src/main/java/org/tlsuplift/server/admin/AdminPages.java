package org.tlsuplift.server.admin;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.tlsuplift.server.web.BadRequestException;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;
import org.tlsuplift.server.web.Response;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Finds the resource of a request, and runs it on a thread that may block. */
final class AdminPages
    implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {
  private static final Logger log = LoggerFactory.getLogger(AdminPages.class);

  private final AdminAccessFilter adminAccessFilter;
  private final MetricsResource metricsResource;
  private final HealthState health;
  private final ResourceTable resourceTable;
  private final Scheduler adminThreads;
  private final Duration begin;
  private final ResponseSender sender;
  private final Scheduler loop;

  /**
   * Serves these sources.
   *
   * @param adminThreads runs the resources, which may block
   * @param begin how long they may take
   * @param loop the event loop of all connections, which sends the responses
   */
  AdminPages(
      AdminAccessFilter adminAccessFilter,
      MetricsResource metricsResource,
      HealthState health,
      ResourceTable resourceTable,
      Scheduler adminThreads,
      Duration begin,
      ResponseSender sender,
      Scheduler loop) {
    this.adminAccessFilter = adminAccessFilter;
    this.metricsResource = metricsResource;
    this.health = health;
    this.resourceTable = resourceTable;
    this.adminThreads = adminThreads;
    this.begin = begin;
    this.sender = sender;
    this.loop = loop;
  }

  @Override
  public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
    // The event loop sends every response, in its own task. Reactor Netty 1.3.6 stops reading a
    // connection, and forgets its idle timeout, if a response is sent within the call that
    // dispatches a request that waited for the one before it (reactor-netty issue 4361). A response
    // that another thread sends delays the next request.
    String path = request.fullPath();
    return Mono.defer(() -> answer(request, response, path))
        .onErrorResume(failure -> Mono.just(failed(path, failure)))
        .publishOn(loop)
        .flatMap(
            answer ->
                sender
                    .send(request, response, answer)
                    .onErrorResume(
                        failure -> !response.hasSentHeaders(),
                        failure -> sender.send(request, response, failed(path, failure))))
        .doOnError(failure -> cut(path, failure));
  }

  private Mono<Response> answer(
      HttpServerRequest request, HttpServerResponse response, String path) {
    if (hasBody(request)) {
      // An unread body would be parsed as the next request.
      response.keepAlive(false);
      return discardBody(request)
          .thenReturn(ErrorResponses.of(path, 413, "this port accepts no requests with a body"));
    }
    return adminAccessFilter
        .refusal(request)
        .switchIfEmpty(Mono.defer(() -> admitted(request, path)));
  }

  private Mono<Response> admitted(HttpServerRequest request, String path) {
    boolean reads =
        HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
    return switch (path) {
      case "/metrics" -> reads ? metricsResource.answer(accept(request)) : readingOnly(path);
      case "/healthz" -> reads ? Mono.just(liveness()) : readingOnly(path);
      case "/readyz" -> reads ? Mono.just(readiness()) : readingOnly(path);
      default -> routed(request, path, reads);
    };
  }

  private Mono<Response> routed(HttpServerRequest request, String path, boolean reads) {
    try {
      Optional<ResourceTable.Match> found = resourceTable.find(path);
      if (found.isEmpty()) {
        return error(
            path,
            404,
            ErrorResponses.isForScripts(path)
                ? "no such resource; /api/openapi.yaml lists all of them"
                : "no such page; see the list at /");
      }
      return reads
          ? made(found.get().resource(), RequestReader.read(request, found.get().variable()))
          : readingOnly(path);
    } catch (IllegalArgumentException malformed) {
      return error(path, 400, "the percent-encoding of the path or the query is invalid");
    }
  }

  private Mono<Response> made(Resource resource, Request request) {
    return Mono.fromCallable(() -> run(resource, request)).subscribeOn(adminThreads).timeout(begin);
  }

  /** Throws no exception: after the limit, Reactor would only log it, as a fault of its own. */
  private Response run(Resource resource, Request request) {
    try {
      return resource.answer(request);
    } catch (InterruptedException late) {
      Thread.currentThread().interrupt();
      return failed(request.path(), new TimeoutException());
    } catch (Exception failure) {
      return failed(request.path(), failure);
    }
  }

  private Response failed(String path, Throwable failure) {
    if (failure instanceof BadRequestException refused) {
      return ErrorResponses.of(path, refused.status(), String.valueOf(refused.getMessage()));
    }
    if (failure instanceof RejectedExecutionException) {
      return ErrorResponses.of(path, 503, "too many requests at once; try again later")
          .with("Retry-After", "5");
    }
    if (failure instanceof TimeoutException) {
      return ErrorResponses.of(
              path, 503, "no response within " + begin.toSeconds() + " s; try again later")
          .with("Retry-After", "30");
    }
    if (failure instanceof SQLException away) {
      log.atWarn()
          .addKeyValue("path", path)
          .addKeyValue("detail", String.valueOf(away.getMessage()))
          .log("the inventory cannot be read");
      log.debug("the inventory cannot be read", away);
      return ErrorResponses.of(
              path,
              503,
              "the inventory cannot be read now; the cause is in the log; try again later")
          .with("Retry-After", "30");
    }
    log.atError()
        .setCause(failure)
        .addKeyValue("path", path)
        .log("A page of the admin port failed");
    return ErrorResponses.of(path, 500, "the request failed; the cause is in the log");
  }

  /** The log of the HTTP library is off, because it would log the content as sent. */
  private static void cut(String path, Throwable failure) {
    boolean readerHasGone = failure instanceof IOException;
    log.atLevel(readerHasGone ? Level.DEBUG : Level.ERROR)
        .setCause(failure)
        .addKeyValue("path", path)
        .log("a response of the admin port was cut off");
  }

  private static Mono<Response> readingOnly(String path) {
    return Mono.just(
        ErrorResponses.of(path, 405, "only GET and HEAD are allowed").with("Allow", "GET, HEAD"));
  }

  private static Mono<Response> error(String path, int status, String detail) {
    return Mono.just(ErrorResponses.of(path, status, detail));
  }

  private static String accept(HttpServerRequest request) {
    return String.join(",", request.requestHeaders().getAll(HttpHeaderNames.ACCEPT));
  }

  private Response liveness() {
    int blocked = health.blockedLoops();
    return blocked == 0
        ? Response.line(200, "ok")
        : Response.line(503, blocked + " event loops do not respond; the log says why");
  }

  private Response readiness() {
    HealthState.Phase phase = health.phase();
    return Response.line(phase == HealthState.Phase.READY ? 200 : 503, phase.explanation());
  }

  /**
   * Reads a body that is already being sent, within bounds: if a connection is closed with unread
   * input, the kernel sends a reset, which destroys the response.
   */
  private static Mono<Void> discardBody(HttpServerRequest request) {
    if (request.requestHeaders().contains(HttpHeaderNames.EXPECT)) {
      // It waits for 100 (Continue) (RFC 9110 section 10.1.1) and gets the final response instead.
      return Mono.empty();
    }
    return request
        .receive()
        .map(ByteBuf::readableBytes)
        .scan(0, Integer::sum)
        .takeUntil(read -> read > AdminLimits.MAX_DISCARDED)
        .then()
        .timeout(AdminLimits.DISCARD_LIMIT)
        .onErrorComplete();
  }

  private static boolean hasBody(HttpServerRequest request) {
    return request.requestHeaders().contains(HttpHeaderNames.TRANSFER_ENCODING)
        || !request.requestHeaders().get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0");
  }
}
