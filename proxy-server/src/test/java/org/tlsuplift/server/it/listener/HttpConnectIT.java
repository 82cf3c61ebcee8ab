package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** What an HTTP proxy that only connects answers to what it does not do. */
class HttpConnectIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int ACCESS_DENIED = 49;
  private static final int INTERNAL_ERROR = 80;

  private static JsseOrigin allowed;
  private static JsseOrigin forbidden;
  private static Daemon daemon;
  private static Companion companion;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    allowed = JsseOrigin.start(lab, identity, Conversations::echo);
    forbidden = JsseOrigin.start(lab, identity, Conversations::agreement);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["127.0.0.1:%1$d"], action: deny}
              - {to: ["127.0.0.1:1024-65535", "localhost:1024-%2$d", "localhost:%3$d-65535"], action: bridge}
            upstream: {trust: "%4$s"}
            """
                .formatted(
                    forbidden.address().getPort(),
                    forbidden.address().getPort() - 1,
                    forbidden.address().getPort() + 1,
                    ca.file()));
    companion = Companion.open(lab, Way.connect(daemon, "web", allowed.byName()));
  }

  @AfterEach
  void anotherSessionIsUndisturbed() {
    companion.assertAlive();
  }

  private static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "GET, HEAD and POST"),
        Arguments.of(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na", 400, "a proxy port"),
        Arguments.of("CONNECT localhost HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of("CONNECT localhost:0 HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of("CONNECT localhost:65536 HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of("CONNECT ::1:443 HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of("CONNECT http://localhost:443 HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of("CONNECT user@localhost:443 HTTP/1.1\r\n\r\n", 400, "host:port"),
        Arguments.of(
            "CONNECT 127.0.0.1:8443 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
            400,
            "sent content with its CONNECT"),
        Arguments.of("HELLO\r\n\r\n", 400, "not an HTTP request"),
        Arguments.of("\001\002\003\004", 400, "sent neither HTTP nor TLS"),
        Arguments.of("CONNECT " + "a".repeat(9000) + ":443 HTTP/1.1\r\n\r\n", 414, "too long"),
        Arguments.of(
            "CONNECT localhost:443 HTTP/1.1\r\nX: " + "a".repeat(20_000) + "\r\n\r\n",
            431,
            "too large"));
  }

  @ParameterizedTest(name = "{1}: {2}")
  @MethodSource("refusals")
  void refusesWithAStatusAndAReason(String request, int status, String reason) throws IOException {
    Metrics before = daemon.metrics();
    try (RawDevice device = RawDevice.to(web())) {
      device.send(request);
      String answer = device.readText();
      assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(reason);
      assertThat(answer.substring(answer.indexOf("\r\n\r\n")).strip())
          .as("one line")
          .hasLineCount(1);
    }
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "action", "deny", "reason", "negotiation_refused");
  }

  @Test
  void refusesTlsOnThePlainPortWithoutWaiting() throws IOException {
    try (RawDevice device = RawDevice.to(web())) {
      device.send(RawDevice.hello());
      assertThat(device.readText()).startsWith("HTTP/1.1 400 ").contains("accept: fixed");
    }
  }

  @Test
  void refusesADestinationWithoutARouteBeforeDialling() throws IOException {
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    int connections = forbidden.connections();
    try (RawDevice device = RawDevice.to(web())) {
      device.send("CONNECT " + forbidden.byName() + " HTTP/1.1\r\n\r\n");
      assertThat(device.readText())
          .startsWith("HTTP/1.1 403 ")
          .contains("no route allows " + forbidden.byName());
    }
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "no_route");
    daemon.awaitSessionLine(mark, "reason", "no_route", "target", forbidden.byName());
    assertThat(forbidden.connections()).isEqualTo(connections);
    assertThat(daemon.metrics().sum("tlsuplift_upstream_handshakes_total"))
        .isEqualTo(before.sum("tlsuplift_upstream_handshakes_total"));
  }

  @Test
  void refusesADeniedDestination() throws IOException {
    Metrics before = daemon.metrics();
    try (RawDevice device = RawDevice.to(web())) {
      device.send("CONNECT 127.0.0.1:" + forbidden.address().getPort() + " HTTP/1.1\r\n\r\n");
      assertThat(device.readText()).startsWith("HTTP/1.1 403 ").contains("denies");
    }
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "route_denied");
    assertThat(forbidden.connections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusesToConnectToItself(boolean admin) throws IOException {
    Metrics before = daemon.metrics();
    InetSocketAddress own = admin ? daemon.admin() : web();
    try (RawDevice device = RawDevice.to(web())) {
      device.send("CONNECT " + Loopback.text(own) + " HTTP/1.1\r\n\r\n");
      assertThat(device.readText()).startsWith("HTTP/1.1 403 ").contains("TLS Uplift itself");
    }
    // By name it is known only after the answer; then an alert tells.
    try (RawDevice device = RawDevice.through(web(), "localhost:" + own.getPort())) {
      device.send(RawDevice.hello());
      assertThat(RawDevice.alertIn(device.readAll())).isIn(ACCESS_DENIED, INTERNAL_ERROR);
    }
    daemon.awaitIncrease(before, 2, "tlsuplift_sessions_total", "reason", "loop");
  }

  private static InetSocketAddress web() {
    return daemon.listener("web");
  }
}
