package org.tlsuplift.server.metrics;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes OTLP over HTTP, and reads it with the classes made from OpenTelemetry's own definition. */
final class OtlpReceiver implements AutoCloseable {
  /**
   * One export.
   *
   * @param headers of the request
   * @param content what was sent
   */
  record Received(Headers headers, ExportMetricsServiceRequest content) {
    Optional<Metric> metric(String name) {
      return content.getResourceMetricsList().stream()
          .flatMap(resource -> resource.getScopeMetricsList().stream())
          .flatMap(scope -> scope.getMetricsList().stream())
          .filter(metric -> metric.getName().equals(name))
          .findFirst();
    }
  }

  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private volatile int status = 200;

  OtlpReceiver() throws IOException {
    this(0);
  }

  OtlpReceiver(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/v1/metrics", this::take);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/metrics");
  }

  void answer(int status) {
    this.status = status;
  }

  int count() {
    return received.size();
  }

  /** The newest export, when there is one. */
  Received awaitExport() {
    await().until(() -> !received.isEmpty());
    return received.get(received.size() - 1);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      received.add(
          new Received(
              exchange.getRequestHeaders(),
              ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody().readAllBytes())));
      byte[] answer =
          status == 200 ? new byte[0] : "no \u0007\r\nthanks".getBytes(StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
