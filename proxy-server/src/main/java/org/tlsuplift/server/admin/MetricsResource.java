package org.tlsuplift.server.admin;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.metrics.Exposition;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.web.Response;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The metrics as Prometheus reads them. */
final class MetricsResource {
  private static final Logger log = LoggerFactory.getLogger(MetricsResource.class);

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ServerMetrics metrics;
  private final Scheduler scheduler;

  /**
   * A resource that serves these metrics.
   *
   * @param scheduler reads the meters, which may block: not an event loop
   */
  MetricsResource(ServerMetrics metrics, Scheduler scheduler) {
    this.metrics = metrics;
    this.scheduler = scheduler;
  }

  Mono<Response> answer(String accept) {
    return Mono.fromCallable(() -> metrics.scrape(accept))
        .subscribeOn(scheduler)
        .timeout(LIMIT)
        .map(MetricsResource::exposition)
        .onErrorResume(failure -> Mono.just(failed(failure)));
  }

  private static Response exposition(Exposition exposition) {
    return Response.text(200, exposition.contentType(), exposition.text());
  }

  private static Response failed(Throwable failure) {
    if (failure instanceof RejectedExecutionException) {
      return Response.line(503, "too many scrapes at once; scrape less often");
    }
    if (failure instanceof TimeoutException) {
      return Response.line(
          503, "the metrics were not read within " + LIMIT.toSeconds() + " s; try again later");
    }
    log.error("The metrics could not be read", failure);
    return Response.line(500, "the metrics cannot be read; the cause is in the log");
  }
}
