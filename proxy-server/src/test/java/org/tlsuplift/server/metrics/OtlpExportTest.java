package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;

/** What a receiver of OTLP gets, and what one that does not answer costs. */
class OtlpExportTest {
  private static final Duration OFTEN = Duration.ofMillis(200);

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(OtlpSender.class);

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void deaf() {
    logger.detachAppender(log);
  }

  @Test
  void sendsAllMetersWithUnitsLabelsAndBuckets() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver();
        ServerMetrics metrics = exporting(receiver.url())) {
      session(metrics);
      OtlpReceiver.Received export = awaitLegacy(receiver);

      assertThat(export.headers().getFirst("Content-Type")).isEqualTo("application/x-protobuf");
      assertThat(export.headers().getFirst("Authorization")).isEqualTo("Bearer secret");
      assertThat(
              export.content().getResourceMetrics(0).getResource().getAttributesList().stream()
                  .collect(
                      Collectors.toMap(
                          each -> each.getKey(), each -> each.getValue().getStringValue())))
          .containsEntry("service.name", "tls-uplift")
          .containsEntry("service.version", "1.2.3")
          .containsEntry("service.instance.id", "here:9464");
      Metric bytes = export.metric("tlsuplift.bytes").orElseThrow();
      assertThat(bytes.getUnit()).isEqualTo("bytes");
      assertThat(bytes.getDescription()).startsWith("Relayed payload");
      assertThat(bytes.getSum().getIsMonotonic()).isTrue();
      assertThat(bytes.getSum().getAggregationTemporality())
          .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
      NumberDataPoint up =
          bytes.getSum().getDataPointsList().stream()
              .filter(has("direction", "up"))
              .findFirst()
              .orElseThrow();
      assertThat(up.getAsDouble()).isEqualTo(1500);
      Metric time = export.metric("tlsuplift.downstream.handshakes.seconds").orElseThrow();
      HistogramDataPoint handshake = time.getHistogram().getDataPoints(0);
      assertThat(time.getUnit()).isEqualTo("seconds");
      assertThat(handshake.getExplicitBoundsList()).startsWith(0.001, 0.002, 0.005, 0.01);
      assertThat(handshake.getSum()).isEqualTo(0.007);
      assertThat(export.metric("jvm.memory.used")).isPresent();
      assertThat(export.metric("netty.eventexecutor.tasks.pending")).isEmpty();
    }
  }

  @Test
  void exportDoesNotChangeTheScrape() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver();
        ServerMetrics both = exporting(receiver.url());
        ServerMetrics alone = new ServerMetrics("1.2.3", List.of("web"), null)) {
      session(both);
      session(alone);

      assertThat(ours(both)).isEqualTo(ours(alone)).isNotEmpty();
      assertThat(Promtool.run(both.scrape("").text(), "check", "metrics").output()).isEmpty();
    }
  }

  @Test
  void reportsAnOutageOnceAndItsEnd() throws Exception {
    int port = freePort();
    URI url = URI.create("http://127.0.0.1:" + port + "/v1/metrics");
    try (ServerMetrics metrics = exporting(url)) {
      session(metrics);
      await().until(() -> !log.list.isEmpty());
      try (OtlpReceiver receiver = new OtlpReceiver(port)) {
        assertThat(awaitLegacy(receiver).metric("tlsuplift.legacy.handshakes")).isPresent();
        await().until(() -> log.list.size() > 1);
      }
    }
    assertThat(messages())
        .hasSize(2)
        .first()
        .asString()
        .isEqualTo(
            "metrics do not reach "
                + url
                + ": the connection was refused, or the name has no address; check metrics.otlp and the receiver; sessions continue, and /metrics has all values");
    assertThat(messages().get(1)).startsWith("metrics reach " + url + " again; failed exports: ");
  }

  @Test
  void reportsTheResponseOfTheReceiverWithoutSecrets() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver();
        ServerMetrics metrics = exporting(receiver.url())) {
      receiver.answer(403);
      session(metrics);
      await().until(() -> receiver.count() > 2);
    }
    assertThat(messages())
        .singleElement()
        .asString()
        .contains("the receiver responds with status 403: no    thanks;")
        .doesNotContain("secret");
  }

  @Test
  void aSilentReceiverDelaysNothing() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/v1/metrics");
      ServerMetrics metrics = exporting(url);
      Socket export = silent.accept();
      long start = System.nanoTime();
      session(metrics);
      assertThat(metrics.scrape("").text()).contains("tlsuplift_sessions_total");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(OtlpSender.TIMEOUT);
      metrics.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isLessThan(OtlpSender.TIMEOUT.multipliedBy(6));
      assertThat(messages()).singleElement().asString().contains("no response within 5 s");
      export.close();
    }
  }

  private static ServerMetrics exporting(URI url) {
    return new ServerMetrics(
        "1.2.3",
        List.of("web"),
        new OtlpTarget(url, OFTEN, Map.of("Authorization", "Bearer secret"), "here:9464"));
  }

  private static void session(ServerMetrics metrics) {
    ScriptedSession.open(metrics.proxyObserver(), "web")
        .hello(TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .originAgreed(TlsVersion.TLS_1_3, Duration.ofMillis(40))
        .deviceAgreed(TlsVersion.TLS_1_0, ScriptedSession.ECDHE_CBC, Duration.ofMillis(7))
        .relayed(1500, 64_000)
        .closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(3));
  }

  /** An export that came after the session. */
  private static OtlpReceiver.Received awaitLegacy(OtlpReceiver receiver) {
    return await()
        .until(
            receiver::awaitExport,
            export ->
                export.metric("tlsuplift.legacy.handshakes").stream()
                    .flatMap(metric -> metric.getSum().getDataPointsList().stream())
                    .anyMatch(point -> point.getAsDouble() == 1));
  }

  private static Predicate<NumberDataPoint> has(String key, String value) {
    return point ->
        point.getAttributesList().stream()
            .anyMatch(
                each ->
                    each.getKey().equals(key) && each.getValue().getStringValue().equals(value));
  }

  private static List<String> ours(ServerMetrics metrics) {
    return metrics
        .scrape("")
        .text()
        .lines()
        .filter(line -> line.contains("tlsuplift_"))
        .sorted()
        .toList();
  }

  private static int freePort() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private List<String> messages() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
