package org.tlsuplift.server.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.INTERNAL_SERVER_ERROR;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.metrics.Exposition;
import org.tlsuplift.server.metrics.ServerMetrics;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Finds the page for a request and sends what it says. */
final class AdminPages
    implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {
  private static final Logger log = LoggerFactory.getLogger(AdminPages.class);

  private static final Duration SCRAPE_LIMIT = Duration.ofSeconds(10);

  private static final String INDEX =
      """
      TLS Uplift

      /metrics   metrics for Prometheus
      /healthz   200 while the process lives
      /readyz    200 while the listeners accept connections, else 503 and why""";

  private final Map<String, Function<HttpServerRequest, Mono<Answer>>> pages;
  private final ServerMetrics metrics;
  private final HealthState health;
  private final Scheduler scraper;
  private final Scheduler loop;

  /**
   * Answers from these sources.
   *
   * @param scraper where meters are read: that may block, so it is no event loop
   * @param loop the event loop of all connections, where answers are sent
   */
  AdminPages(ServerMetrics metrics, HealthState health, Scheduler scraper, Scheduler loop) {
    this.metrics = metrics;
    this.health = health;
    this.scraper = scraper;
    this.loop = loop;
    this.pages =
        Map.of(
            "/", request -> Mono.just(Answer.line(OK, INDEX)),
            "/metrics", this::metrics,
            "/healthz", request -> Mono.just(Answer.line(OK, "ok")),
            "/readyz", request -> Mono.just(readiness()));
  }

  @Override
  public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
    // Every answer is sent by the event loop, in a task of its own. Reactor Netty 1.3.6 stops to
    // read a connection, and forgets its idle timeout, when an answer is sent within the call that
    // dispatches a request that had to wait for the one before (reactor-netty issue 4361); sent by
    // another thread, an answer makes the next request wait.
    return answer(request, response).publishOn(loop).flatMap(answer -> send(response, answer));
  }

  private Mono<Answer> answer(HttpServerRequest request, HttpServerResponse response) {
    if (hasBody(request)) {
      // What is left unread would be taken for the next request.
      response.keepAlive(false);
      return discardBody(request)
          .thenReturn(Answer.line(REQUEST_ENTITY_TOO_LARGE, "no page here takes a body"));
    }
    Function<HttpServerRequest, Mono<Answer>> page = pages.get(request.fullPath());
    if (page == null) {
      return Mono.just(Answer.line(NOT_FOUND, "no such page; / lists them"));
    }
    if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
      response.header(HttpHeaderNames.ALLOW, "GET, HEAD");
      return Mono.just(Answer.line(METHOD_NOT_ALLOWED, "only GET and HEAD are allowed"));
    }
    return page.apply(request);
  }

  /**
   * Reads the body of who is already writing it, within bounds: to close on unread input makes the
   * kernel send a reset, which destroys the answer.
   */
  private static Mono<Void> discardBody(HttpServerRequest request) {
    if (request.requestHeaders().contains(HttpHeaderNames.EXPECT)) {
      // It waits to be asked for the body (RFC 9110 section 10.1.1) and gets the answer instead.
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

  private Mono<Answer> metrics(HttpServerRequest request) {
    String accept = String.join(",", request.requestHeaders().getAll(HttpHeaderNames.ACCEPT));
    return Mono.fromCallable(() -> metrics.scrape(accept))
        .subscribeOn(scraper)
        .timeout(SCRAPE_LIMIT)
        .map(AdminPages::exposition)
        .onErrorResume(failure -> Mono.just(scrapeFailed(failure)));
  }

  private static Answer exposition(Exposition exposition) {
    return new Answer(OK, exposition.contentType(), exposition.text());
  }

  private static Answer scrapeFailed(Throwable failure) {
    if (failure instanceof RejectedExecutionException) {
      return Answer.line(SERVICE_UNAVAILABLE, "too many scrapes at once; scrape less often");
    }
    if (failure instanceof TimeoutException) {
      return Answer.line(
          SERVICE_UNAVAILABLE,
          "the metrics were not read within " + SCRAPE_LIMIT.toSeconds() + " s; try again later");
    }
    log.error("The metrics could not be read", failure);
    return Answer.line(INTERNAL_SERVER_ERROR, "the metrics could not be read; the log tells why");
  }

  private Answer readiness() {
    HealthState.Phase phase = health.phase();
    return Answer.line(
        phase == HealthState.Phase.READY ? OK : SERVICE_UNAVAILABLE, phase.explanation());
  }

  private static boolean hasBody(HttpServerRequest request) {
    return request.requestHeaders().contains(HttpHeaderNames.TRANSFER_ENCODING)
        || !request.requestHeaders().get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0");
  }

  private static Mono<Void> send(HttpServerResponse response, Answer answer) {
    return response
        .status(answer.status())
        .header(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .sendString(Mono.just(answer.body()))
        .then();
  }
}
