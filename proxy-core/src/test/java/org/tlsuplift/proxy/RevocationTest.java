package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.Statements;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;

/**
 * The issuer of an origin's certificate is queried before any byte of the device goes to the
 * origin.
 */
class RevocationTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final Issuer CA = Issuer.root("CA");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<Long> sessions = ConcurrentHashMap.newKeySet();
  private final AtomicLong received = new AtomicLong();
  private HttpServer issuer;

  @BeforeEach
  void start() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setExecutor(threads);
    issuer.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    issuer.stop(0);
    threads.shutdownNow();
  }

  private String at(String path) {
    return "http://localhost:" + issuer.getAddress().getPort() + path;
  }

  private void answers(String path, byte[] answer) {
    answers(path, 200, answer, new CountDownLatch(0));
  }

  private void answers(String path, int status, byte[] answer, CountDownLatch gate) {
    issuer.createContext(
        path,
        exchange -> {
          try (HttpExchange closing = exchange) {
            closing.getRequestBody().readAllBytes();
            requests.add(closing.getRequestMethod() + " " + closing.getRequestURI());
            gate.await();
            closing.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
            closing.getResponseBody().write(answer);
          } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private Origin origin(Issuer leaf) {
    return origin(leaf, "TLSv1.2", "TLSv1.3");
  }

  private Origin origin(Issuer leaf, String... versions) {
    Origin origin =
        Origin.start(
            leaf.serving(),
            socket -> {
              sessions.add(socket.getSession().getCreationTime());
              for (int next = socket.getInputStream().read();
                  next >= 0;
                  next = socket.getInputStream().read()) {
                received.incrementAndGet();
                socket.getOutputStream().write(next);
              }
            },
            versions);
    opened.add(0, origin);
    return origin;
  }

  private Uplift uplift(RevocationMode mode, @Nullable Egress egress) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.trusted = CA.certificate();
    settings.revocation = mode;
    settings.egress = egress == null ? Egress.DIRECT : egress;
    Uplift uplift = new Uplift(settings, OWN, OWN);
    opened.add(0, uplift);
    return uplift;
  }

  private static void served(Uplift uplift, Origin origin, RevocationCheck check)
      throws IOException {
    int before = uplift.observer.originHandshakes.size();
    try (SSLSocket device =
        Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "hello")).isEqualTo("hello");
    }
    assertThat(uplift.observer.originHandshakes).hasSize(before + 1);
    assertThat(uplift.observer.originHandshakes.get(before).revocation()).isEqualTo(check);
  }

  private SessionSummary refused(Uplift uplift, Origin origin, RevocationCheck check) {
    assertThatThrownBy(
            () -> {
              SSLSocket device =
                  Device.through(uplift.web(), origin.as("localhost"), OWN.trusting(), "TLSv1");
              Device.exchange(device, "hello");
              throw new IOException("ended");
            })
        .isInstanceOf(IOException.class);
    await().until(() -> !uplift.observer.closed.isEmpty());
    assertThat(received).hasValue(0);
    assertThat(uplift.observer.originHandshakes)
        .last()
        .satisfies(handshake -> assertThat(handshake.revocation()).isEqualTo(check));
    return uplift.observer.closed.get(0);
  }

  private Issuer asking(Part... more) {
    Part[] parts = java.util.Arrays.copyOf(more, more.length + 1);
    parts[more.length] = Part.names("localhost");
    return CA.issue("x", parts);
  }

  @Test
  void queriesOnceAndCachesTheResponse() throws Exception {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", Statements.of(CA).good(leaf.certificate()));
    Origin origin = origin(leaf);
    Uplift uplift = uplift(RevocationMode.HARD, null);
    for (int i = 0; i < 3; i++) {
      served(uplift, origin, RevocationCheck.ASKED);
    }
    assertThat(requests).containsExactly("POST /ocsp");
  }

  /** A resumed session has the certificate of the session before it. */
  @Test
  void checksAResumedSessionToo() throws Exception {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", Statements.of(CA).good(leaf.certificate()));
    Origin origin = origin(leaf, "TLSv1.2");
    Uplift uplift = uplift(RevocationMode.HARD, null);
    for (int i = 0; i < 4; i++) {
      served(uplift, origin, RevocationCheck.ASKED);
    }
    assertThat(sessions).as("sessions that were not resumed").hasSizeLessThan(4);
  }

  @Test
  void queriesNoResponderByDefault() throws Exception {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", Statements.of(CA).revoked(leaf.certificate()));
    served(uplift(RevocationMode.STAPLED, null), origin(leaf), RevocationCheck.NOT_CHECKED);
    assertThat(requests).isEmpty();
  }

  @Test
  void sendsNothingToARevokedOrigin() {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", Statements.of(CA).revoked(leaf.certificate()));
    SessionSummary summary =
        refused(uplift(RevocationMode.SOFT, null), origin(leaf), RevocationCheck.REVOKED);
    assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_REVOKED);
    assertThat(summary.detail()).contains("was revoked (2026-03-04T05:06:07Z, key compromise)");
  }

  @Test
  void sendsNothingToTheOriginBeforeTheOcspResponse() throws Exception {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    CountDownLatch gate = new CountDownLatch(1);
    answers("/ocsp", 200, Statements.of(CA).good(leaf.certificate()), gate);
    Uplift uplift = uplift(RevocationMode.HARD, null);
    try (SSLSocket device =
        Device.through(uplift.web(), origin(leaf).as("localhost"), OWN.trusting(), "TLSv1")) {
      device.getOutputStream().write("early\n".getBytes(StandardCharsets.US_ASCII));
      await().until(() -> !requests.isEmpty());
      assertThat(received).hasValue(0);
      gate.countDown();
      assertThat(Device.readLine(device.getInputStream())).isEqualTo("early");
    }
  }

  @Test
  void readsTheCrlIfTheResponderIsUnreachable() {
    Issuer leaf = asking(Part.responder("http://localhost:1/ocsp"), Part.list(at("/list.crl")));
    answers(
        "/list.crl", Statements.of(CA).list(Statements.at(at("/list.crl")), leaf.certificate()));
    SessionSummary summary =
        refused(uplift(RevocationMode.SOFT, null), origin(leaf), RevocationCheck.REVOKED);
    assertThat(summary.detail()).contains("was revoked", "superseded");
    assertThat(requests).containsExactly("GET /list.crl");
  }

  @Test
  void onlySoftModeAcceptsAMissingResponse() throws Exception {
    Issuer leaf = asking(Part.responder("http://localhost:1/ocsp"));
    Origin origin = origin(leaf);
    SessionSummary summary =
        refused(uplift(RevocationMode.HARD, null), origin, RevocationCheck.UNANSWERED);
    assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_REVOCATION_UNKNOWN);
    assertThat(summary.detail())
        .contains("http://localhost:1/ocsp: the connection failed")
        .contains("upstream.revocation: soft");
    served(uplift(RevocationMode.SOFT, null), origin, RevocationCheck.UNANSWERED);
  }

  @Test
  void rejectsUnprovenResponses() {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", Statements.of(Issuer.root("CA")).good(leaf.certificate()));
    assertThat(
            refused(uplift(RevocationMode.HARD, null), origin(leaf), RevocationCheck.UNANSWERED)
                .detail())
        .contains("/ocsp is not signed by the issuer");
  }

  @Test
  void rejectsAnOversizedResponse() {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", new byte[64 * 1024 + 1]);
    assertThat(
            refused(uplift(RevocationMode.HARD, null), origin(leaf), RevocationCheck.UNANSWERED)
                .detail())
        .contains("the response is too long");
  }

  @Test
  void followsNoRedirection() {
    Issuer leaf = asking(Part.responder(at("/ocsp")));
    answers("/ocsp", 302, new byte[0], new CountDownLatch(0));
    assertThat(
            refused(uplift(RevocationMode.HARD, null), origin(leaf), RevocationCheck.UNANSWERED)
                .detail())
        .contains("the HTTP status is 302");
  }

  @Test
  void doesNotQueryPrivateAddresses() {
    Issuer leaf = asking(Part.responder("http://169.254.169.254/latest/meta-data"));
    assertThat(
            refused(uplift(RevocationMode.HARD, null), origin(leaf), RevocationCheck.UNANSWERED)
                .detail())
        .contains("private addresses are not queried");
  }

  @Test
  void hardModeRefusesACertificateWithoutOcspAndCrlAddress() {
    assertThat(
            refused(uplift(RevocationMode.HARD, null), origin(asking()), RevocationCheck.UNANSWERED)
                .detail())
        .contains("no http OCSP or CRL address");
  }

  /** The upstream proxy is a second instance, which forwards and tunnels. */
  @Test
  void queriesThroughTheUpstreamProxy() throws Exception {
    Issuer leaf = asking(Part.responder(at("/ocsp?a=b")));
    answers("/ocsp", Statements.of(CA).good(leaf.certificate()));
    Uplift.Settings next = new Uplift.Settings();
    next.routes =
        List.of(
            Uplift.route(
                Action.FORWARD, WhenModern.TUNNEL, "localhost:" + issuer.getAddress().getPort()),
            Uplift.route(Action.TUNNEL, WhenModern.TUNNEL, "localhost:*"));
    Uplift proxy = new Uplift(next, OWN, OWN);
    opened.add(0, proxy);
    HostPort address =
        new HostPort(proxy.web().getAddress().getHostAddress(), proxy.web().getPort());
    served(
        uplift(
            RevocationMode.HARD,
            new Egress(new UpstreamProxy(UpstreamProxy.Protocol.HTTP, address, null), false)),
        origin(leaf),
        RevocationCheck.ASKED);
    assertThat(requests).containsExactly("POST /ocsp?a=b");
    await().until(() -> proxy.observer.closed.size() == 2);
    assertThat(proxy.observer.closed)
        .extracting(SessionSummary::action)
        .containsExactlyInAnyOrder(Action.FORWARD, Action.TUNNEL);
  }
}
