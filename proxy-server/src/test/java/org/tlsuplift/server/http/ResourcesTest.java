package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;

/** What resources can rely on. */
class ResourcesTest {
  private RunningAdmin admin;

  private void serve(String pattern, Resource resource) throws OperatorException {
    serve(AdminLimits.DEFAULT, pattern, resource);
  }

  private void serve(AdminLimits limits, String pattern, Resource resource)
      throws OperatorException {
    admin = new RunningAdmin(limits, List.of(new ResourcePath(pattern, resource)));
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void getVariableParametersAndHeaders() throws Exception {
    serve(
        "/devices/{address}",
        request ->
            Response.html(
                request.variable()
                    + "|"
                    + request.parameter("q").orElse("-")
                    + "|"
                    + request.parameters().get("verdict")
                    + "|"
                    + request.header("accept")
                    + "|"
                    + request.headers().containsKey("authorization")));

    HttpResponse<String> response =
        admin.send(
            admin
                .request("/devices/fd00%3A%3A1?q=b%C3%A4r+x&verdict=ready&verdict=unknown&empty=")
                .header("Accept", "text/html")
                .header("Authorization", "Basic Zm9vOmJhcg=="));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(response.body()).isEqualTo("fd00::1|bär x|[ready, unknown]|text/html|false");
  }

  @Test
  void setHeadersOfTheirOwn() throws Exception {
    serve(
        "/style.css",
        request -> Response.text(200, "text/css", "a").with("Cache-Control", "max-age=60"));

    HttpResponse<String> response = admin.get("/style.css");

    assertThat(response.headers().allValues("cache-control")).containsExactly("max-age=60");
    assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
  }

  @Test
  void answer503IfTheDatabaseIsUnreachable() throws Exception {
    serve(
        "/api/devices",
        request -> {
          throw new SQLTransientConnectionException("Connection refused");
        });

    HttpResponse<String> response = admin.get("/api/devices");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).contains("30");
    assertThat(response.body()).contains("the inventory cannot be read now");
  }

  @Test
  void answer400WithTextForPagesAndJsonForTheApi() throws Exception {
    Resource refusing =
        request -> {
          throw new BadRequestException(400, "limit: got 'x'; expected 1 to \"1000\"");
        };
    admin =
        new RunningAdmin(
            AdminLimits.DEFAULT,
            List.of(
                new ResourcePath("/devices", refusing),
                new ResourcePath("/api/devices", refusing)));

    HttpResponse<String> page = admin.get("/devices");
    HttpResponse<String> api = admin.get("/api/devices");

    assertThat(page.statusCode()).isEqualTo(400);
    assertThat(page.body()).isEqualTo("limit: got 'x'; expected 1 to \"1000\"\n");
    assertThat(api.statusCode()).isEqualTo(400);
    assertThat(api.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(api.body())
        .isEqualTo(
            "{\"title\":\"Bad Request\",\"status\":400,"
                + "\"detail\":\"limit: got 'x'; expected 1 to \\\"1000\\\"\"}\n");
    assertThat(admin.get("/api/nothing").headers().firstValue("content-type"))
        .contains("application/problem+json");
    assertThat(admin.raw("GET /devices?q=%zz HTTP/1.1", "Host: x", "Connection: close", "", ""))
        .startsWith("HTTP/1.1 400 ")
        .contains("percent-encoded");
  }

  @Test
  void hideInternalErrors() throws Exception {
    serve(
        "/x",
        request -> {
          throw new IllegalStateException("secret");
        });

    assertThat(admin.get("/x").statusCode()).isEqualTo(500);
    assertThat(admin.get("/x").body()).doesNotContain("secret");
  }

  @Test
  void mayBlockWithoutStoppingOthers() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve("/slow", request -> Response.line(200, "" + release.await(60, TimeUnit.SECONDS)));

    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiting.add(admin.begin("/slow"));
    }
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
    assertThat(admin.get("/metrics").statusCode()).isEqualTo(200);

    release.countDown();
    for (var one : waiting) {
      assertThat(one.get(60, TimeUnit.SECONDS).body()).isEqualTo("true\n");
    }
  }

  @Test
  void streamNoFasterThanTheyAreRead() throws Exception {
    AtomicLong written = new AtomicLong();
    byte[] line = "x".repeat(999).concat("\n").getBytes(StandardCharsets.US_ASCII);
    serve(
        "/all",
        request ->
            Response.streamed(
                "text/csv; charset=utf-8",
                out -> {
                  for (int i = 0; i < 50_000; i++) {
                    out.write(line);
                    written.addAndGet(line.length);
                  }
                }));

    try (Socket slow = admin.connect()) {
      RunningAdmin.write(slow, "GET /all HTTP/1.1", "Host: x", "", "");
      assertThat(RunningAdmin.readHead(slow)).startsWith("HTTP/1.1 200 ").contains("chunked");
      await()
          .during(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(10))
          .until(written::get, new Standing());
      // What is under way, and what the kernel holds on both sides.
      assertThat(written.get()).isLessThan(20_000_000);
    }
    assertThat(admin.get("/all").body()).hasSize(50_000_000);
  }

  /** Whether a number has stopped growing. */
  private static final class Standing extends org.hamcrest.BaseMatcher<Long> {
    private long before = -1;

    @Override
    public boolean matches(Object now) {
      boolean stands = before == (Long) now;
      before = (Long) now;
      return stands;
    }

    @Override
    public void describeTo(org.hamcrest.Description description) {
      description.appendText("a number that does not grow");
    }
  }

  @Test
  void learnThatTheReaderHasGone() throws Exception {
    AtomicReference<Exception> end = new AtomicReference<>();
    serve(
        "/all",
        request ->
            Response.streamed(
                "text/plain",
                out -> {
                  try {
                    while (true) {
                      out.write(new byte[1000]);
                    }
                  } catch (IOException gone) {
                    end.set(gone);
                    throw gone;
                  }
                }));

    try (Socket brief = admin.connect()) {
      RunningAdmin.write(brief, "GET /all HTTP/1.1", "Host: x", "", "");
      RunningAdmin.readHead(brief);
      assertThat(brief.getInputStream().readNBytes(10_000)).hasSize(10_000);
    }

    await().until(() -> end.get() != null);
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void areNotReportedIfTheReaderHasGone() throws Exception {
    Semaphore entered = new Semaphore(0);
    CountDownLatch release = new CountDownLatch(1);
    Semaphore left = new Semaphore(0);
    Resource waiting =
        request -> {
          entered.release();
          byte[] content = waited(release);
          left.release();
          return Response.bytes(200, "text/plain", content);
        };
    Resource streamed =
        request ->
            Response.streamed(
                "text/plain",
                out -> {
                  entered.release();
                  out.write(waited(release));
                  left.release();
                });
    admin =
        new RunningAdmin(
            AdminLimits.DEFAULT,
            List.of(new ResourcePath("/whole", waiting), new ResourcePath("/streamed", streamed)));
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    root.addAppender(lines);
    try {
      for (String path : List.of("/whole", "/streamed")) {
        try (Socket brief = admin.connect()) {
          RunningAdmin.write(brief, "GET " + path + " HTTP/1.1", "Host: x", "", "");
          assertThat(entered.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
          brief.setSoLinger(true, 0);
        }
      }
      release.countDown();
      assertThat(left.tryAcquire(2, 60, TimeUnit.SECONDS)).isTrue();
      assertThat(admin.get("/whole").statusCode()).isEqualTo(200);
      assertThat(admin.get("/streamed").statusCode()).isEqualTo(200);
    } finally {
      root.detachAppender(lines);
    }
    assertThat(lines.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.INFO))
        .filteredOn(ResourcesTest::isOfTheAdminPort)
        .isEmpty();
  }

  @Test
  void endWithTheConnectionForClientsWithoutChunks() throws Exception {
    serve(
        "/all",
        request ->
            Response.streamed(
                "text/plain", out -> out.write("all".getBytes(StandardCharsets.US_ASCII))));

    assertThat(admin.raw("GET /all HTTP/1.0", "Host: x", "Connection: keep-alive", "", ""))
        .startsWith("HTTP/1.0 200 ")
        .doesNotContain("chunked", "keep-alive")
        .endsWith("\r\n\r\nall");
  }

  @Test
  void areResetForClientsWithoutChunksIfTheyFailHalfway() throws Exception {
    serve("/all", ResourcesTest::failingHalfway);

    try (Socket socket = admin.connect()) {
      RunningAdmin.write(socket, "GET /all HTTP/1.0", "Host: x", "", "");
      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .isInstanceOf(SocketException.class);
    }
  }

  @Test
  void areReplacedIfTheirHeadersAreInvalid() throws Exception {
    serve("/x", request -> Response.line(200, "x").with("X", "a\r\nSet-Cookie: b"));

    HttpResponse<String> response = admin.get("/x");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.headers().firstValue("set-cookie")).isEmpty();
  }

  @Test
  void getVariablesThatAreDecodedOnce() throws Exception {
    serve("/devices/{address}", request -> Response.line(200, request.variable()));

    assertThat(admin.get("/devices/fe80%3A%3A1%25eth0").body()).isEqualTo("fe80::1%eth0\n");
  }

  @Test
  void getThePathOfRequestsToProxies() throws Exception {
    serve("/x", request -> Response.line(200, request.path() + request.parameters()));

    assertThat(
            admin.raw(
                "GET http://127.0.0.1/x?a=/b HTTP/1.1", "Host: x", "Connection: close", "", ""))
        .endsWith("\r\n/x{a=[/b]}\n");
    assertThat(
            admin.raw("GET http://127.0.0.1?/x HTTP/1.1", "Host: x", "Connection: close", "", ""))
        .startsWith("HTTP/1.1 404 ");
  }

  private static Response failingHalfway(Request request) {
    return Response.streamed(
        "text/plain",
        out -> {
          out.write(new byte[100_000]);
          throw new IllegalStateException("the database went away");
        });
  }

  @Test
  void cutAnAnswerThatFailsHalfway() throws Exception {
    serve("/all", ResourcesTest::failingHalfway);

    assertThatThrownBy(() -> admin.get("/all")).isInstanceOf(IOException.class);
  }

  @Test
  void answer503IfTheDatabaseFailsBeforeTheFirstByte() throws Exception {
    serve(
        "/api/devices",
        request ->
            Response.streamed(
                    "text/csv",
                    out -> {
                      try (out) {
                        out.write('[');
                        throw new SQLTransientConnectionException("Connection refused");
                      }
                    })
                .with("Content-Disposition", "attachment"));

    HttpResponse<String> response = admin.get("/api/devices");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).contains("30");
    assertThat(response.headers().firstValue("content-disposition")).isEmpty();
    assertThat(response.body())
        .startsWith("{\"title\":")
        .contains("the inventory cannot be read now");
  }

  @Test
  void areStreamedToManyAtOnceOrRefused() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve(
        manyConnections(Duration.ofSeconds(20)),
        "/all",
        request -> Response.streamed("text/plain", out -> out.write(waited(release))));

    List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      readers.add(admin.begin("/all"));
    }
    await().until(() -> readers.stream().filter(CompletableFuture::isDone).count() == 4);
    release.countDown();

    Map<Integer, Long> statuses = new TreeMap<>();
    for (var reader : readers) {
      HttpResponse<String> response = reader.get(60, TimeUnit.SECONDS);
      statuses.merge(response.statusCode(), 1L, Long::sum);
      assertThat(response.body())
          .isEqualTo(
              response.statusCode() == 200
                  ? "all"
                  : "too many requests at once; try again later\n");
    }
    assertThat(statuses).isEqualTo(Map.of(200, 66L, 503, 4L));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mustBeginInTime(boolean streamed) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve(
        manyConnections(Duration.ofSeconds(1)),
        "/all",
        request ->
            streamed
                ? Response.streamed("text/plain", out -> out.write(waited(release)))
                : Response.bytes(200, "text/plain", waited(release)));

    List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      readers.add(admin.begin("/all"));
    }

    for (var reader : readers) {
      HttpResponse<String> response = reader.get(60, TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).isEqualTo("no response within 1 s; try again later\n");
    }
    release.countDown();
  }

  @Test
  void areReportedInOneLineIfTheyFailAfterTheirTime() throws Exception {
    serve(
        manyConnections(Duration.ofMillis(200)),
        "/x",
        request -> {
          try {
            return Response.bytes(200, "text/plain", waited(new CountDownLatch(1)));
          } catch (InterruptedException late) {
            throw new SQLTransientConnectionException("Connection refused", late);
          }
        });
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    root.addAppender(lines);
    try {
      assertThat(admin.get("/x").statusCode()).isEqualTo(503);
      await().until(() -> lines.list.stream().anyMatch(ResourcesTest::isOfTheAdminPort));
    } finally {
      root.detachAppender(lines);
    }
    assertThat(lines.list)
        .filteredOn(ResourcesTest::isOfTheAdminPort)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getFormattedMessage()).isEqualTo("the inventory cannot be read");
              assertThat(line.getThrowableProxy()).isNull();
            });
  }

  private static boolean isOfTheAdminPort(ILoggingEvent line) {
    return line.getLoggerName().startsWith("io.netty.")
        || line.getLoggerName().startsWith("org.tlsuplift.server.http.");
  }

  private static byte[] waited(CountDownLatch release) throws InterruptedException {
    assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
    return "all".getBytes(StandardCharsets.US_ASCII);
  }

  /** Limits that let one address have all connections. */
  private static AdminLimits manyConnections(Duration begin) {
    AdminLimits usual = AdminLimits.DEFAULT;
    return new AdminLimits(usual.head(), usual.idle(), begin, usual.stalled(), 128, 128, 32);
  }

  @Test
  void needNotWriteForHead() throws Exception {
    serve(
        "/all",
        request ->
            Response.streamed(
                "text/csv",
                out -> {
                  throw new IllegalStateException("not to be called");
                }));

    HttpResponse<String> response =
        admin.send(admin.request("/all").method("HEAD", HttpRequest.BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("text/csv");
  }
}
