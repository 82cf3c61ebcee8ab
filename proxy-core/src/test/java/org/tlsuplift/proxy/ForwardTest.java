package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;
import static org.tlsuplift.proxy.testing.PlainOrigin.say;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Payload;
import org.tlsuplift.proxy.testing.PlainOrigin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** Plain HTTP requests are forwarded once, and only where a route allows it. */
@Timeout(300)
class ForwardTest {
  private static final TestAuthority OWN = TestAuthority.create();

  private final Uplift.Settings settings = new Uplift.Settings();

  ForwardTest() {
    settings.routes = List.of(Uplift.route(Action.FORWARD, WhenModern.TUNNEL, "localhost:*"));
  }

  private Uplift uplift() {
    return new Uplift(settings, OWN, OWN);
  }

  private static String get(HostPort target, String path) {
    return "GET http://" + target + path + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
  }

  private static String answer(Uplift uplift, String request) throws IOException {
    try (Socket device = Device.open(uplift.web())) {
      say(device, request);
      return new String(device.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private static Stream<Transport> transports() {
    return Stream.of(Transport.values()).filter(Transport::isAvailable);
  }

  @Test
  void forwardsTheResponseWithoutAHandshake() throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(
                socket ->
                    say(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nCRL"));
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/a.crl")))
          .isEqualTo(
              "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nVia: 1.1 tls-uplift\r\n"
                  + "Connection: close\r\n\r\nCRL");
      assertThat(origin.requests)
          .containsExactly(
              "GET /a.crl HTTP/1.1\r\nHost: "
                  + origin.as("localhost")
                  + "\r\nVia: 1.1 tls-uplift\r\nConnection: close\r\n\r\n");
      SessionSummary summary = summary(uplift);
      assertThat(summary.action()).isEqualTo(Action.FORWARD);
      assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
      assertThat(summary.target()).isEqualTo(origin.as("localhost"));
      assertThat(summary.bytesDown()).isEqualTo(3);
      assertThat(uplift.observer.deviceHandshakes).isEmpty();
      assertThat(uplift.observer.originHandshakes).isEmpty();
      await().until(() -> uplift.proxy().sessions() == 0);
    }
  }

  @ParameterizedTest
  @MethodSource("transports")
  void forwardsOnlyTheFirstRequest(Transport transport) throws Exception {
    settings.transport = transport;
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean more = new AtomicBoolean();
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  asked.countDown();
                  assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
                  say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
                  say(socket, "a");
                  assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
                  // Bytes that arrived before would be visible here.
                  more.set(socket.getInputStream().available() > 0);
                  say(socket, "b");
                });
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      String second = "GET http://secret.example/ HTTP/1.1\r\nHost: secret.example\r\n\r\n";
      say(device, get(origin.as("localhost"), "/1") + second);
      assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
      say(device, second);
      goOn.countDown();
      InputStream in = device.getInputStream();
      PlainOrigin.readHead(in);
      assertThat(in.read()).isEqualTo('a');
      say(device, second.repeat(1000));
      assertThat(in.read()).isEqualTo('b');
      assertThat(in.read()).as("no second answer").isEqualTo(-1);
      device.close();
      await().until(() -> origin.rests.size() == 1);
      assertThat(origin.rests).containsExactly("");
      assertThat(more).isFalse();
      assertThat(origin.requests).hasSize(1);
      assertThat(summary(uplift).bytesUp()).isZero();
    }
  }

  @Test
  void answersADeviceThatHalfClosesAtOnce() throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  say(socket, "HTTP/1.0 200 OK\r\n\r\n");
                  new Payload(3, 5_000_000).write(socket.getOutputStream());
                });
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      say(device, "GET http://" + origin.as("localhost") + "/ HTTP/1.0\r\n\r\n");
      device.shutdownOutput();
      assertThat(PlainOrigin.readHead(device.getInputStream())).startsWith("HTTP/1.1 200 OK\r\n");
      new Payload(3, 5_000_000).read(device.getInputStream());
      assertThat(device.getInputStream().read()).isEqualTo(-1);
      await().until(() -> uplift.proxy().sessions() == 0);
    }
  }

  @Test
  void closesTheSessionAfterTheResponseEvenIfTheDeviceStaysConnected() throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(socket -> say(socket, "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n"));
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      say(device, get(origin.as("localhost"), "/"));
      assertThat(PlainOrigin.readHead(device.getInputStream())).contains("\r\nX: y\r\n");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
    }
  }

  @Test
  void readsFromTheOriginOnlyAsFastAsTheDeviceReads() throws Exception {
    long size = 64L << 20;
    Payload payload = new Payload(5, size);
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  say(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                  payload.write(socket.getOutputStream());
                });
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      say(device, get(origin.as("localhost"), "/big.crl"));
      PlainOrigin.readHead(device.getInputStream());
      // When the kernel's buffers are full, no more bytes are accepted.
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(20))
          .until(payload.written::get, written -> written > 0 && written < size / 2);
      new Payload(5, size).read(device.getInputStream());
      assertThat(device.getInputStream().read()).isEqualTo(-1);
      assertThat(summary(uplift).bytesDown()).isEqualTo(size);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n"
      })
  void omitsInformationalResponses(String informs) throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> say(socket, informs + "HTTP/1.1 404 Not Found\r\n\r\nnothing"));
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .startsWith("HTTP/1.1 404 Not Found\r\n")
          .endsWith("\r\n\r\nnothing");
    }
  }

  @Test
  void forwardsALargeResponseHead() throws Exception {
    String cookie = "Set-Cookie: a=" + "x".repeat(40_000) + "\r\n";
    try (PlainOrigin origin =
            new PlainOrigin(
                socket ->
                    say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + cookie + "\r\nok"));
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .contains(cookie)
          .endsWith("\r\n\r\nok");
    }
  }

  @Test
  void reportsAResponseHeadThatIsTooLong() throws Exception {
    String cookie = "Set-Cookie: a=" + "x".repeat(70_000) + "\r\n";
    try (PlainOrigin origin =
            new PlainOrigin(socket -> say(socket, "HTTP/1.1 200 OK\r\n" + cookie + "\r\nok"));
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .contains("the response head is longer than 65536 bytes");
    }
  }

  @Test
  void keepsTheChunksOfTheOrigin() throws Exception {
    String chunks = "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n";
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                  for (char one : (head + chunks).toCharArray()) {
                    say(socket, String.valueOf(one));
                  }
                });
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .contains("\r\nTransfer-Encoding: chunked\r\n")
          .endsWith("\r\n\r\n" + chunks);
    }
  }

  @Test
  void answers502IfTheOriginIsUnreachable() throws Exception {
    int closed;
    try (ServerSocket bound = new ServerSocket(0)) {
      closed = bound.getLocalPort();
    }
    try (Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(new HostPort("localhost", closed), "/")))
          .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
          .contains("TLS Uplift: localhost:" + closed + ": ")
          .endsWith("\n");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_UNREACHABLE);
      assertThat(summary(uplift).action()).isEqualTo(Action.FORWARD);
    }
  }

  @Test
  void answersWithAnErrorIfTheNameDoesNotResolve() throws Exception {
    settings.routes = List.of(Uplift.route(Action.FORWARD, WhenModern.TUNNEL, "*:80"));
    try (Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(new HostPort("nowhere.invalid", 80), "/")))
          .startsWith("HTTP/1.1 50")
          .contains("nowhere.invalid:80: ");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_UNRESOLVED);
    }
  }

  @Test
  void answers504IfTheOriginIsTooSlow() throws Exception {
    settings.replyTimeout = Duration.ofMillis(300);
    try (PlainOrigin origin = new PlainOrigin(socket -> socket.getInputStream().read());
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .startsWith("HTTP/1.1 504 Gateway Timeout\r\n")
          .contains("no response in time");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
      await().until(() -> origin.rests.size() == 1 || origin.requests.size() == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "220 mail.example ESMTP\r\n",
        "\u0015\u0003\u0001\u0000\u0002\u0002(",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "",
      })
  void answers502IfTheResponseIsNotValidHttp(String said) throws Exception {
    try (PlainOrigin origin = new PlainOrigin(socket -> say(socket, said));
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .startsWith("HTTP/1.1 502 Bad Gateway\r\n");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
    }
  }

  @Test
  void boundsTheHeadOfAResponse() throws Exception {
    try (PlainOrigin origin =
            new PlainOrigin(
                socket -> {
                  say(socket, "HTTP/1.1 200 OK\r\n");
                  for (int i = 0; i < 10_000; i++) {
                    say(socket, "X-" + i + ": y\r\n");
                  }
                });
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/"))).startsWith("HTTP/1.1 502 ");
    }
  }

  @Test
  void sendsTheAbsoluteFormToAnUpstreamProxy() throws Exception {
    try (PlainOrigin parent =
            new PlainOrigin(socket -> say(socket, "HTTP/1.1 200 OK\r\nVia: 1.1 a\r\n\r\nCRL"));
        PlainOrigin origin = new PlainOrigin(socket -> {})) {
      HostPort target = origin.as("localhost");
      settings.egress =
          new Egress(via(parent, new UpstreamProxy.Credentials("uplift", "geheim")), false);
      try (Uplift uplift = uplift()) {
        assertThat(answer(uplift, get(target, "/a.crl")))
            .contains("\r\nVia: 1.1 a\r\n", "\r\nVia: 1.1 tls-uplift\r\n")
            .endsWith("\r\n\r\nCRL");
        assertThat(parent.requests)
            .singleElement(STRING)
            .startsWith("GET http://" + target + "/a.crl HTTP/1.1\r\nHost: " + target + "\r\n")
            .contains("\r\nProxy-Authorization: Basic dXBsaWZ0OmdlaGVpbQ==\r\n");
        assertThat(origin.requests).isEmpty();
        assertThat(summary(uplift).target()).isEqualTo(target);
      }
    }
  }

  @Test
  void hidesTheChallengeOfTheUpstreamProxyFromTheDevice() throws Exception {
    String refusal = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
    try (PlainOrigin parent = new PlainOrigin(socket -> say(socket, refusal))) {
      settings.egress = new Egress(via(parent, null), false);
      try (Uplift uplift = uplift()) {
        assertThat(answer(uplift, get(new HostPort("localhost", 80), "/")))
            .startsWith("HTTP/1.1 502 ")
            .contains("responded 407")
            .doesNotContain("Proxy-Authenticate");
        assertThat(summary(uplift).reason()).isEqualTo(CloseReason.VIA_REFUSED);
      }
    }
  }

  private static UpstreamProxy via(
      PlainOrigin parent, UpstreamProxy.@Nullable Credentials credentials) {
    return new UpstreamProxy(UpstreamProxy.Protocol.HTTP, parent.as("localhost"), credentials);
  }

  @ParameterizedTest
  @EnumSource(names = {"BRIDGE", "TUNNEL", "DENY"})
  void otherRoutesForwardNoPlainHttp(Action action) throws Exception {
    settings.routes = List.of(Uplift.route(action, WhenModern.TUNNEL, "localhost:*"));
    try (PlainOrigin origin = new PlainOrigin(socket -> {});
        Uplift uplift = uplift()) {
      assertThat(answer(uplift, get(origin.as("localhost"), "/")))
          .startsWith("HTTP/1.1 403 Forbidden\r\n")
          .contains(
              action == Action.DENY
                  ? "a route (test) denies"
                  : "(test, 'action: " + action.label() + "') forwards no plain HTTP")
          .matches(said -> action == Action.DENY || said.contains("'action: forward' before it"));
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ROUTE_DENIED);
      assertThat(summary(uplift).action()).isEqualTo(Action.DENY);
      assertThat(origin.requests).isEmpty();
    }
  }

  @Test
  void refusesToForwardToItself() throws Exception {
    settings.routes = List.of(Uplift.route(Action.FORWARD, WhenModern.TUNNEL, "*:*"));
    try (Uplift uplift = uplift()) {
      int own = uplift.web().getPort();
      assertThat(answer(uplift, get(new HostPort("127.0.0.1", own), "/")))
          .startsWith("HTTP/1.1 403 ")
          .contains("TLS Uplift itself");
      assertThat(answer(uplift, get(new HostPort("localhost", own), "/")))
          .startsWith("HTTP/1.1 403 ")
          .contains("TLS Uplift itself");
      await().until(() -> uplift.observer.closed.size() == 2);
      assertThat(uplift.observer.closed)
          .extracting(SessionSummary::reason)
          .containsOnly(CloseReason.LOOP);
    }
  }

  @Test
  void forwardRouteServesPlainHttpOnly() throws Exception {
    try (PlainOrigin origin = new PlainOrigin(socket -> {})) {
      HostPort target = origin.as("localhost");
      settings.fixed = List.of(target);
      try (Uplift uplift = uplift();
          Socket device = Device.open(uplift.web())) {
        assertThat(Device.connect(device, target)).startsWith("HTTP/1.1 403 ");
        assertThatThrownBy(
                () ->
                    Device.handshake(
                        Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1"))
            .isInstanceOf(SSLHandshakeException.class);
        try (Socket socks = Device.open(uplift.socks())) {
          String ask = "\u0004\u0001" + (char) (target.port() >> 8) + (char) (target.port() & 255);
          say(socks, ask + "\u0000\u0000\u0000\u0001\u0000localhost\u0000");
          assertThat(socks.getInputStream().readNBytes(2)).containsExactly(0, 0x5b);
        }
        await().until(() -> uplift.observer.closed.size() == 3);
        assertThat(uplift.observer.closed)
            .allSatisfy(
                summary -> {
                  assertThat(summary.reason()).isEqualTo(CloseReason.ROUTE_DENIED);
                  assertThat(summary.detail()).contains("forwards only plain HTTP");
                });
        assertThat(origin.requests).isEmpty();
      }
    }
  }

  /** Sends bytes after this start until the proxy closes the connection. */
  private static PlainOrigin endless(String start, CountDownLatch closed) {
    return new PlainOrigin(
        socket -> {
          say(socket, start);
          try {
            new Payload(1, Long.MAX_VALUE).write(socket.getOutputStream());
          } finally {
            closed.countDown();
          }
        });
  }

  @Test
  void closesAnOriginThatSendsMoreThanItsResponse() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (PlainOrigin origin = endless("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", closed);
        Uplift uplift = uplift();
        Socket device = Device.open(uplift.web())) {
      say(device, get(origin.as("localhost"), "/"));
      // The device keeps its direction open after the response.
      assertThat(new String(device.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("\r\n\r\nok");
      assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CLOSED);
    }
  }

  @Test
  void closesTheOriginWhenTheDeviceCloses() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (PlainOrigin origin = endless("HTTP/1.1 200 OK\r\n\r\n", closed);
        Uplift uplift = uplift()) {
      try (Socket device = Device.open(uplift.web())) {
        say(device, get(origin.as("localhost"), "/"));
        PlainOrigin.readHead(device.getInputStream());
      }
      assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(summary(uplift).reason())
          .isIn(CloseReason.DEVICE_RESET, CloseReason.DEVICE_CLOSED);
    }
  }
}
