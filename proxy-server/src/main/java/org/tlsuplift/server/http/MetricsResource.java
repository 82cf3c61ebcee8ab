package org.tlsuplift.server.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.metrics.Exposition;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * The metrics as Prometheus reads them.
 *
 * @param threads read the meters, which may block
 */
record MetricsResource(ServerMetrics metrics, AdminThreads.Pool threads) {
  private static final Logger log = LoggerFactory.getLogger(MetricsResource.class);

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** The response; never fails. */
  CompletableFuture<Response> answer(String accept) {
    return threads
        .call(() -> exposition(metrics.scrape(accept)), LIMIT)
        .exceptionally(MetricsResource::failed);
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
