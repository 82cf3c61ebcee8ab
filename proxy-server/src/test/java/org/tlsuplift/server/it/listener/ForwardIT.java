package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.OcspResponder;
import org.tlsuplift.server.it.peer.Squid;

/** Real clients fetch revocation lists and ask an OCSP responder, in plain HTTP by the proxy. */
class ForwardIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int SIZE = 30 << 20;
  private static final String PASSWORD = "Geheimnis";

  /** Nothing but Squid resolves it. */
  private static final String NAME = "only-squid.example.test";

  private static Daemon daemon;
  private static OcspResponder ocsp;
  private static Squid squid;
  private static Path crl;
  private static Path accessLog;
  private static int web;
  private static int closed;
  private static int bridged;

  @BeforeAll
  static void start() throws IOException {
    Path root = lab.directory("root");
    byte[] content = new byte[SIZE];
    new Random(3).nextBytes(content);
    crl = Files.write(root.resolve("big.crl"), content);
    accessLog = lab.file("access.log", "");
    web = Nginx.plain(lab, root, accessLog).getPort();
    ocsp = OcspResponder.start(lab);
    squid = Squid.start(lab, PASSWORD, 1, NAME);
    closed = Loopback.closedPort(lab);
    bridged = Loopback.freePort(Loopback.V4);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: socks, bind: "127.0.0.1:0", accept: socks, profile: legacy}
            routes:
              - {to: ["localhost:%d,%d,%d"], action: forward}
              - {to: ["localhost:%d"], action: bridge}
              - {to: ["%s:%d"], action: forward, via: "%s"}
              - {to: ["%s:%d"], action: forward, via: "%s"}
            """
                .formatted(
                    web,
                    ocsp.address().getPort(),
                    closed,
                    bridged,
                    NAME,
                    web,
                    squid.url(lab.file("password", PASSWORD + "\n")),
                    NAME,
                    closed,
                    squid.url(lab.file("wrong", "Falsches\n"))),
            "--verbose");
  }

  @AfterEach
  void countsNoHandshake() {
    Metrics now = daemon.metrics();
    assertThat(now.sum("tlsuplift_downstream_handshakes_total")).isZero();
    assertThat(now.sum("tlsuplift_upstream_handshakes_total")).isZero();
  }

  private static String proxy() {
    return Loopback.text(daemon.listener("web"));
  }

  private static String url(String path) {
    return "http://localhost:" + web + path;
  }

  private static Run curl(String... options) {
    List<String> command =
        new ArrayList<>(List.of(Peers.require("curl"), "-sS", "--max-time", "60"));
    command.addAll(List.of("--noproxy", "", "--proxy", "http://" + proxy()));
    command.addAll(List.of(options));
    return Run.of(command);
  }

  @Test
  void curlFetchesARevocationListByteForByte() {
    Metrics before = daemon.metrics();
    Path received = lab.directory("received").resolve("crl");
    curl("-o", received.toString(), url("/big.crl")).succeeded();
    assertThat(received).hasSameBinaryContentAs(crl);
    Metrics after =
        daemon.awaitIncrease(
            before,
            1,
            "tlsuplift_sessions_total",
            "listener",
            "web",
            "action",
            "forward",
            "reason",
            "origin_closed");
    assertThat(
            after.sum("tlsuplift_bytes_total", "direction", "down")
                - before.sum("tlsuplift_bytes_total", "direction", "down"))
        .isEqualTo(SIZE);
  }

  @Test
  void wgetFetchesARevocationListByteForByte() {
    Path received = lab.directory("received").resolve("crl");
    ProcessBuilder wget =
        new ProcessBuilder(
            Peers.require("wget"),
            "-q",
            "-T",
            "60",
            "-t",
            "1",
            "-e",
            "use_proxy=yes",
            "-e",
            "http_proxy=http://" + proxy() + "/",
            "-e",
            "no_proxy=",
            "-O",
            received.toString(),
            url("/big.crl"));
    Run.of(wget).succeeded();
    assertThat(received).hasSameBinaryContentAs(crl);
  }

  @Test
  void opensslAsksAnOcspResponder() {
    String url = "http://localhost:" + ocsp.address().getPort() + "/";
    Run run = ocsp.ask("-url", url, "-proxy", proxy(), "-no_proxy", "").succeeded();
    assertThat(run.output()).contains("Response verify OK", ocsp.good() + ": good");
    // The options of old OpenSSL for a proxy.
    run = ocsp.ask("-host", proxy(), "-path", url).succeeded();
    assertThat(run.output()).contains("Response verify OK", ocsp.good() + ": good");
  }

  @ParameterizedTest
  @CsvSource({"--http1.1, 1.1", "--http1.0, 1.0"})
  void forwardsHostViaAndConnectionClose(String option, String version) {
    Run run = curl(option, "-i", "-H", "Host: elsewhere.example", url("/request")).succeeded();
    assertThat(run.output())
        .contains("\nVia: 1.1 tls-uplift")
        .contains("\nConnection: close")
        .contains(
            "GET /request HTTP/%s|localhost:%d|%s tls-uplift|close"
                .formatted(version, web, version));
  }

  @Test
  void twoRequestsAreTwoConnections() {
    Metrics before = daemon.metrics();
    Run run = curl("-v", url("/request"), url("/request")).succeeded();
    assertThat(run.output().split("\\|close", -1)).hasSize(3);
    daemon.awaitIncrease(before, 2, "tlsuplift_sessions_total", "action", "forward");
  }

  @Test
  void onlyTheFirstRequestReachesAnOrigin() throws IOException {
    String request =
        "GET http://localhost:" + web + "/request?pipelined=%d HTTP/1.1\r\nHost: a\r\n\r\n";
    try (RawDevice device = RawDevice.to(daemon.listener("web"))) {
      device.send(request.formatted(1) + request.formatted(2) + request.formatted(3));
      assertThat(device.readText()).contains("pipelined=1").doesNotContain("pipelined=2");
    }
    curl(url("/request?pipelined=4")).succeeded();
    assertThat(accessLog)
        .content()
        .contains("pipelined=1", "pipelined=4")
        .doesNotContain("pipelined=2", "pipelined=3");
  }

  @Test
  void answersExpectWith100Continue() {
    Run run = curl("-v", "-H", "Expect: 100-continue", "-d", "abc", url("/request")).succeeded();
    assertThat(run.output()).contains("HTTP/1.1 100 Continue", "POST /request HTTP/1.1|");
  }

  @Test
  void refusesHostsWithoutAForwardRoute() {
    int mark = daemon.mark();
    Run run = curl("-i", "http://localhost:" + bridged + "/");
    assertThat(run.output()).contains("HTTP/1.1 403 ", "routes[1]", "'action: forward' before it");
    daemon.awaitSessionLine(
        mark, "reason", "route_denied", "target", "localhost:" + bridged, "action", "deny");
    run = curl("-i", "http://evil.example/");
    assertThat(run.output()).contains("HTTP/1.1 403 ", "no route forwards plain HTTP to evil.");
    daemon.awaitSessionLine(mark, "reason", "no_route", "target", "evil.example:80");
  }

  @Test
  void forwardRouteServesPlainHttpOnly() {
    int mark = daemon.mark();
    Run run = curl("-v", "--proxytunnel", url("/request"));
    assertThat(run.output()).contains("HTTP/1.1 403 ");
    String socks = Loopback.text(daemon.listener("socks"));
    run =
        Run.of(List.of(Peers.require("curl"), "-sS", "--socks5-hostname", socks, url("/request")));
    assertThat(run.exit()).as(run.toString()).isEqualTo(97);
    for (String listener : List.of("web", "socks")) {
      assertThat(daemon.awaitSessionLine(mark, "listener", listener, "reason", "route_denied"))
          .contains("forwards only plain HTTP");
    }
  }

  @Test
  void sendsPlainHttpToAnUpstreamSquid() {
    String url = "http://" + NAME + ":" + web + "/request";
    assertThat(curl("-i", url).succeeded().output())
        .contains("HTTP/1.1 200 ", "GET /request HTTP/1.1|" + NAME + ":" + web + "|1.1 tls-uplift");
    squid.awaitLog(" GET " + url + " " + Squid.USER + " ");
    assertThat(squid.log()).doesNotContain("CONNECT");
  }

  @Test
  void hidesTheChallengeOfAnUpstreamSquid() {
    int mark = daemon.mark();
    Run run = curl("-i", "http://" + NAME + ":" + closed + "/");
    assertThat(run.output())
        .contains("HTTP/1.1 502 ", "responded 407")
        .doesNotContain("Authenticate");
    daemon.awaitSessionLine(mark, "reason", "via_refused");
    assertThat(daemon.output()).doesNotContain(PASSWORD, "Falsches");
  }

  @Test
  void answers502IfTheOriginIsDown() {
    int mark = daemon.mark();
    Run run = curl("-i", "http://localhost:" + closed + "/");
    assertThat(run.output()).contains("HTTP/1.1 502 ", "TLS Uplift: localhost:" + closed);
    daemon.awaitSessionLine(mark, "reason", "origin_unreachable");
  }

  @ParameterizedTest
  @CsvSource({
    "405, DELETE, /request",
    "413, POST, /request",
    "400, GET, /request#fragment",
  })
  void refusedRequestsGetAStatus(int status, String method, String path) throws IOException {
    InetSocketAddress listener = daemon.listener("web");
    try (RawDevice device = RawDevice.to(listener)) {
      device.send(
          method + " " + url(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
      assertThat(device.readText()).startsWith("HTTP/1.1 " + status + " ");
    }
  }
}
