package org.tlsuplift.server.metrics;

import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts to an OTLP receiver (OTLP 1.x, section OTLP/HTTP). Time and response size of each attempt
 * are limited.
 *
 * <p>The sender queues nothing for an unreachable receiver. Counters are cumulative, so the next
 * successful export contains all events.
 */
final class OtlpSender implements OtlpMetricsSender {
  /** From the connection to the end of the response. */
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(OtlpSender.class);

  private final OtlpOutage outage = new OtlpOutage();
  private final HttpClient http;
  private final Clock clock;
  private volatile boolean closing;

  OtlpSender(Clock clock) {
    this.clock = clock;
    SSLParameters tls = new SSLParameters();
    // Nothing below TLS 1.2 leaves the building; this includes the daemon's own connections.
    tls.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TIMEOUT)
            .sslParameters(tls)
            .build();
  }

  /** Never throws: Micrometer would log a stack trace each time. */
  @Override
  public void send(Request request) {
    if (closing && outage.isOn()) {
      return; // a shutdown does not wait for an unreachable receiver
    }
    URI url = URI.create(String.valueOf(request.getAddress()));
    String trouble = attempt(url, request.getHeaders(), request.getMetricsData());
    if (trouble.isEmpty()) {
      outage.worked().ifPresent(news -> log.info("metrics reach {} {}", url, news));
    } else {
      outage
          .failed(trouble, clock.instant())
          .ifPresent(
              news ->
                  log.warn(
                      "metrics do not reach {}: {}; check metrics.otlp and the receiver; sessions continue, and /metrics has all values",
                      url,
                      news));
    }
  }

  /** After this call, the sender never connects to an unreachable receiver. */
  void close() {
    closing = true;
  }

  /** The failure; empty for none. */
  private String attempt(URI url, Map<String, String> headers, byte[] content) {
    HttpRequest.Builder post =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(content));
    headers.forEach(post::setHeader);
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(post.build(), status -> new ResponseExcerpt());
    try {
      HttpResponse<String> response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return response.statusCode() / 100 == 2
          ? ""
          : "the receiver responds with status "
              + response.statusCode()
              + (response.body().isEmpty() ? "" : ": " + response.body());
    } catch (TimeoutException late) {
      answer.cancel(true);
      return "no response within " + TIMEOUT.toSeconds() + " s";
    } catch (ExecutionException failed) {
      return explain(failed.getCause() == null ? failed : failed.getCause());
    } catch (InterruptedException ending) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static String explain(Throwable failure) {
    if (failure instanceof ConnectException) {
      return "the connection was refused, or the name has no address";
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
