package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.outcome.OperatorException;

class AdminPagesTest {
  private RunningAdmin admin;

  @BeforeEach
  void start() throws OperatorException {
    admin = new RunningAdmin(AdminLimits.DEFAULT);
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void servesMetricsToPrometheus() throws Exception {
    admin
        .metrics
        .proxyObserver()
        .sessionOpened(new SessionId(1), "web", RunningAdmin.loopback(50_123))
        .relayed(Direction.UP, 1500);

    HttpResponse<String> response = admin.get("/metrics");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body().lines())
        .contains(
            "tlsuplift_sessions_active{listener=\"web\"} 1.0",
            "tlsuplift_bytes_total{direction=\"up\",listener=\"web\"} 1500.0",
            "tlsuplift_build_info{java=\"" + Runtime.version() + "\",version=\"1.2.3\"} 1");
  }

  @Test
  void servesOpenMetricsWhenAsked() throws Exception {
    HttpResponse<String> response =
        admin.send(
            admin
                .request("/metrics?x=y")
                .header("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1"));

    assertThat(response.headers().firstValue("content-type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(response.body()).endsWith("# EOF\n");
  }

  @Test
  void livenessIgnoresThePhaseButNotBlockedLoops() throws Exception {
    assertThat(admin.get("/healthz").body()).isEqualTo("ok\n");
    admin.health.blockedLoops(1);
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(503);
    assertThat(admin.get("/healthz").body()).contains("1 event loops do not respond");
    admin.health.blockedLoops(0);
    admin.health.draining();
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void isReadyOnlyWhileListenersAccept() throws Exception {
    assertThat(admin.get("/readyz").statusCode()).isEqualTo(503);
    assertThat(admin.get("/readyz").body()).startsWith("starting: ");

    admin.health.ready();
    assertThat(admin.get("/readyz").statusCode()).isEqualTo(200);
    assertThat(admin.get("/readyz").body()).isEqualTo("ready\n");

    admin.health.draining();
    assertThat(admin.get("/readyz").statusCode()).isEqualTo(503);
    assertThat(admin.get("/readyz").body()).startsWith("draining: ");
  }

  @Test
  void listsItsPagesAndAnswers404ForOthers() throws Exception {
    assertThat(admin.get("/").body()).contains("/metrics", "/healthz", "/readyz");
    for (String path : List.of("/metrics/", "/nothing", "/%2e%2e/metrics", "/METRICS")) {
      assertThat(admin.get(path).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void allowsReadingOnly() throws Exception {
    for (String method : List.of("DELETE", "OPTIONS", "TRACE", "PATCH")) {
      HttpResponse<String> response =
          admin.send(admin.request("/metrics").method(method, HttpRequest.BodyPublishers.noBody()));
      assertThat(response.statusCode()).as(method).isEqualTo(405);
      assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
    }
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpResponse<String> response =
        admin.send(admin.request("/healthz").method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    // A body after all would be read as the head of the next answer.
    try (Socket socket = admin.connect()) {
      for (int round = 0; round < 2; round++) {
        RunningAdmin.write(socket, "HEAD /metrics HTTP/1.1", "Host: x", "", "");
        assertThat(RunningAdmin.readHead(socket)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void aResponseToHeadHasTheLengthOfThePage() throws Exception {
    assertThat(admin.raw("HEAD /healthz HTTP/1.1", "Host: x", "Connection: close", "", ""))
        .containsIgnoringCase("\r\ncontent-length: 3\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void answersClientsThatShutDownTheirOwnSide() throws Exception {
    try (Socket socket = admin.connect()) {
      RunningAdmin.write(socket, "GET /metrics HTTP/1.1", "Host: x", "", "");
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200 ")
          .contains("tlsuplift_build_info");
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    String[] requests = new String[4 * 1000];
    for (int i = 0; i < requests.length; i += 4) {
      requests[i] = i % 8 == 0 ? "GET /healthz HTTP/1.1" : "HEAD /metrics HTTP/1.1";
      requests[i + 1] = "Host: x";
      requests[i + 2] = i + 4 == requests.length ? "Connection: close" : "X: y";
      requests[i + 3] = "";
    }
    String responses = admin.raw(String.join("\r\n", requests) + "\r\n");

    assertThat(responses).startsWith("HTTP/1.1 200 ").doesNotContainPattern("HTTP/1.1 [^2]");
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void keepsTheOrderOfPipelinedRequests() throws Exception {
    // A slow page and a quick one at once, then a third when both are answered.
    try (Socket socket = admin.connect()) {
      for (int round = 0; round < 20; round++) {
        RunningAdmin.write(
            socket, "HEAD /metrics HTTP/1.1", "Host: x", "", "HEAD / HTTP/1.1", "Host: x", "", "");
        assertThat(RunningAdmin.readHead(socket)).startsWith("HTTP/1.1 200 ");
        assertThat(RunningAdmin.readHead(socket)).startsWith("HTTP/1.1 200 ");
        RunningAdmin.write(socket, "HEAD /readyz HTTP/1.1", "Host: x", "", "");
        assertThat(RunningAdmin.readHead(socket)).startsWith("HTTP/1.1 503 ");
      }
    }
  }

  @Test
  void forbidsCachingAndSniffingOnEveryPage() throws Exception {
    for (String path : List.of("/", "/metrics", "/healthz", "/readyz", "/nothing")) {
      HttpResponse<String> response = admin.get(path);
      assertThat(response.headers().firstValue("cache-control")).as(path).contains("no-store");
      assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
      assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    }
  }

  /** A device that still writes must not lose the answer to a reset; one try would show little. */
  @RepeatedTest(100)
  void answersWhileTheClientIsStillSending() throws Exception {
    HttpResponse<String> response =
        admin.send(
            admin
                .request("/metrics")
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000))));
    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void doesNotWaitForABodyThatNeverComes() throws Exception {
    assertThat(admin.raw("POST /metrics HTTP/1.1", "Host: x", "Content-Length: 10", "", "x"))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void doesNotRequestABodyThatItRefuses() throws Exception {
    assertThat(
            admin.raw(
                "POST /metrics HTTP/1.1",
                "Host: x",
                "Expect: 100-continue",
                "Content-Length: 10",
                "",
                ""))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void refusesRequestsWithABody() throws Exception {
    HttpResponse<String> response =
        admin.send(
            admin
                .request("/metrics")
                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000))));
    assertThat(response.statusCode()).isEqualTo(413);

    // What follows an unread body must never be taken for a request.
    assertThat(
            admin.raw(
                "GET /healthz HTTP/1.1",
                "Host: x",
                "Content-Length: 35",
                "",
                "GET /healthz HTTP/1.1",
                "Host: inner",
                "",
                ""))
        .startsWith("HTTP/1.1 413 ")
        .doesNotContain("200 OK");
  }

  @Test
  void refusesABodyThatIsMalformedLikeAnyOther() throws Exception {
    assertThat(
            admin.raw(
                "POST /healthz HTTP/1.1",
                "Host: x",
                "Transfer-Encoding: chunked",
                "",
                "zz",
                "",
                ""))
        .startsWith("HTTP/1.1 413 ")
        .contains("X-Content-Type-Options: nosniff");
  }

  @Test
  void refusesOversizedRequests() throws Exception {
    assertThat(admin.raw("GET /" + "x".repeat(10_000) + " HTTP/1.1", "Host: x", "", ""))
        .startsWith("HTTP/1.1 414 ");
    assertThat(admin.raw("GET / HTTP/1.1", "Host: x", "X: " + "x".repeat(20_000), "", ""))
        .startsWith("HTTP/1.1 431 ");
    assertThat(admin.raw("\u0016\u0003\u0001 this is no HTTP", "", "")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void refusesTargetsThatAreNotEncodedBeforeAnythingElse() throws Exception {
    for (String target : List.of("/a|b", "/?q={x}", "/a%zz", "/\u001b[31m", "/caf\u00e9", "x")) {
      assertThat(admin.raw("GET " + target + " HTTP/1.1", "Host: x", "", ""))
          .as(target)
          .startsWith("HTTP/1.1 400 ")
          .contains("X-Content-Type-Options: nosniff", "percent-encoded")
          .doesNotContain("Strict-Transport-Security");
    }
    assertThat(admin.raw("GET http://x/healthz HTTP/1.1", "Host: x", "Connection: close", "", ""))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void answersEarlierRequestsBeforeAMalformedOne() throws Exception {
    assertThat(
            admin.raw(
                "GET /healthz HTTP/1.1",
                "Host: x",
                "",
                "GET /a|b HTTP/1.1",
                "Host: x",
                "",
                "GET /healthz HTTP/1.1",
                "Host: x",
                "",
                ""))
        .matches("(?s)HTTP/1.1 200 .*\\bok\nHTTP/1.1 400 .*")
        .doesNotContainPattern("(?s)HTTP/1.1 400 .*HTTP/1.1");
  }

  @Test
  void logsAnUnreadableRequestInOneLineOfItsOwn() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    root.addAppender(lines);
    try {
      admin.raw("GET /\u001b[31mgreen\u0000 HTTP/1.1", "Host: x", "", "");
      admin.raw("\u0016\u0003\u0001\r\u001b]0;title\u0007", "", "");
      admin.raw("GET / HTTP/1.1", "Host: x", "Bad header\u0000: \u001b", "", "");
    } finally {
      root.detachAppender(lines);
    }
    assertThat(lines.list)
        .hasSize(3)
        .allSatisfy(
            line -> {
              assertThat(line.getFormattedMessage()).startsWith("a request at the admin port was");
              assertThat(line.getKeyValuePairs())
                  .extracting(pair -> pair.key + "=" + pair.value)
                  .contains("address=127.0.0.1")
                  .noneMatch(value -> value.contains("green") || value.contains("title"));
              assertThat(line.getThrowableProxy()).isNull();
            });
  }
}
