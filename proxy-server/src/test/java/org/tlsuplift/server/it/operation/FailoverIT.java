package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.SessionLoad;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.ShippedHaproxy;
import org.tlsuplift.server.it.peer.Site;

/**
 * Two instances with one CA behind a real HAProxy, with the configuration that operators copy,
 * under load of TLS 1.0 sessions.
 */
class FailoverIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int CHUNKS = 64;
  private static final int LONG_LIVED = 3;
  private static final int LOADERS = 3;
  private static final String LOADERS_ADDRESS = "127.0.0.7";

  /** HAProxy takes an instance out when two checks have failed: inter + fastinter + the check. */
  private static final double DETECTION_SECONDS = 2.5;

  /** HAProxy's limit for one attempt to connect. */
  private static final double CONNECT_TIMEOUT_SECONDS = 2;

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static TestCa ca;
  private static Site site;
  private static JsseOrigin echo;
  private static Path content;
  private static String yaml;

  /** The instance that stays. */
  private static Daemon second;

  private final CountDownLatch goOn = new CountDownLatch(1);
  private Daemon first;
  private ShippedHaproxy haproxy;
  private int mark;
  private final List<SessionLoad> loads = new ArrayList<>();
  private final List<Companion> companions = new ArrayList<>();
  private final List<Child> downloads = new ArrayList<>();
  private final List<Path> received = new ArrayList<>();

  @BeforeAll
  static void startOrigins() throws IOException {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    site = Site.tls12(Loopback.V4, identity);
    Nginx.start(lab, site);
    echo = JsseOrigin.start(lab, identity, Conversations::echo);
    content = lab.directory("content").resolve("content");
    try (OutputStream out = Files.newOutputStream(content)) {
      Conversations.write(out, CHUNKS);
    }
    yaml =
        """
        listeners:
          - name: web
            bind: "127.0.0.1:0"
            proxyProtocol: {accept: required, from: [127.0.0.1]}
            accept: http-connect
            profile: legacy
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        # All load comes from one address.
        limits: {stopGrace: 4s, drainTimeout: 2m, handshakesPerSecond: 10000, handshakeBurst: 10000}
        """
            .formatted(ca.file());
    second = Daemon.start(lab, yaml, "--verbose");
  }

  @BeforeEach
  void completePair() {
    Path folder = lab.directory("first");
    // As the README has operators do it.
    Path data = Daemon.data(folder);
    Run.of(List.of("mkdir", data.toString())).succeeded();
    String authority = String.valueOf(second.authority().getParent());
    Run.of(List.of("cp", "-a", authority, data.toString())).succeeded();
    first = Daemon.start(lab, Machine.HERE, folder, yaml, "--verbose");
    mark = second.mark();
    haproxy = ShippedHaproxy.start(lab, first, second);
    assertThat(second.authority()).hasSameTextualContentAs(first.authority());
  }

  @AfterEach
  void endSessions() {
    companions.forEach(Companion::close);
    downloads.forEach(Child::close);
    loads.forEach(SessionLoad::close);
    second.awaitSessions(0);
  }

  private void inTwoHalves(SSLSocket device) throws IOException {
    Conversations.readHead(device.getInputStream());
    OutputStream out = device.getOutputStream();
    out.write(Conversations.head(CHUNKS * 64L * 1024));
    Conversations.write(out, CHUNKS / 2);
    try {
      assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
    Conversations.write(out, CHUNKS - CHUNKS / 2);
  }

  /** Opens sessions that last, half of them to fetch; both instances get some. */
  private void openLongLived() {
    JsseOrigin download = JsseOrigin.start(lab, ca.issue("localhost"), this::inTwoHalves);
    for (int i = 0; i < LONG_LIVED; i++) {
      companions.add(Companion.open(lab, way(echo)));
      Path file = lab.directory("received").resolve("content");
      received.add(file);
      List<String> curl =
          new CurlDevice("1.0", "ALL").command(way(download), "-o", file.toString());
      downloads.add(lab.add(Child.start(new ProcessBuilder(curl))));
    }
    await("both have sessions, in " + first + second)
        .atMost(TIMEOUT)
        .until(
            () ->
                active(first) + active(second) == 2L * LONG_LIVED
                    && active(first) > 0
                    && active(second) > 0);
  }

  private Way way(JsseOrigin origin) {
    return new Way(haproxy.front(), true, origin.byName(), "localhost", true, first.authority());
  }

  private SessionLoad load() {
    SessionLoad load =
        SessionLoad.start(
            lab,
            LOADERS,
            LOADERS_ADDRESS,
            haproxy.front(),
            second.authority(),
            "https://" + site.byName() + "/");
    loads.add(load);
    return load;
  }

  private static long active(Daemon daemon) {
    return daemon.metrics().sum("tlsuplift_sessions_active");
  }

  private static void awaitMore(SessionLoad load, int sessions) {
    long before = load.succeeded();
    await(sessions + " more sessions; failed: " + load.failed())
        .atMost(TIMEOUT)
        .until(() -> load.succeeded() >= before + sessions);
  }

  @Test
  void aKilledInstanceLosesItsOwnSessionsOnly() {
    openLongLived();
    long lost = active(first);
    SessionLoad before = load();
    awaitMore(before, 20);
    assertThat(before.failed()).isEmpty();
    double usual = before.slowestSeconds();

    first.kill();

    long killed = System.nanoTime();
    // While a process ends, its port may still accept a device whose session has just failed.
    before.close();
    SessionLoad load = load();
    await("HAProxy to have noticed, and 40 more sessions; failed: " + load.failed())
        .atMost(TIMEOUT)
        .until(
            () -> System.nanoTime() - killed > DETECTION_SECONDS * 1e9 && load.succeeded() >= 40);
    await("its sessions end").atMost(TIMEOUT).until(() -> ended() == lost);
    companions.stream().filter(companion -> !companion.isOver()).forEach(Companion::assertAlive);
    goOn.countDown();
    awaitDownloads();
    assertThat(ended()).as("no session of the other ends").isEqualTo(lost);
    // All sessions that were opened after its end get through.
    assertThat(load.failed()).isEmpty();
    assertNoDeviceWaited(load, usual);
    load.close();
    second.awaitSessions((int) companions.stream().filter(each -> !each.isOver()).count());
    knowsTheDevices();
  }

  @Test
  void aStoppedInstanceLosesNoSession() {
    openLongLived();
    assertThat(active(first)).isPositive();
    SessionLoad load = load();
    awaitMore(load, 20);
    double usual = load.slowestSeconds();

    first.terminate();

    awaitMore(load, 40);
    goOn.countDown();
    awaitDownloads();
    assertThat(ended()).isZero();
    companions.forEach(Companion::assertAlive);
    assertThat(first.output()).contains("SIGTERM: draining: not ready");
    await("its ports are closed, in " + first)
        .atMost(TIMEOUT)
        .until(() -> first.output().contains("stopped accepting sessions"));
    awaitMore(load, 20);
    assertThat(load.failed()).isEmpty();
    assertNoDeviceWaited(load, usual);
    load.close();
    companions.forEach(Companion::close);
    assertThat(first.awaitExit(TIMEOUT)).as(first.toString()).isZero();
    assertThat(first.output()).doesNotContain("reason=\"shutdown\"");
    knowsTheDevices();
  }

  /**
   * Fails if a device waited for an instance that is gone.
   *
   * @param usual how long the slowest session took before, which depends on the machine
   */
  private void assertNoDeviceWaited(SessionLoad load, double usual) {
    assertThat(haproxy.slowestConnectSeconds())
        .as("no device waits until the timeout")
        .isLessThan(CONNECT_TIMEOUT_SECONDS);
    assertThat(load.slowestSeconds())
        .as("no device waits until HAProxy has noticed")
        .isLessThan(DETECTION_SECONDS + 5 * usual);
  }

  /** How many of the long-lived sessions have ended too early. */
  private long ended() {
    return companions.stream().filter(Companion::isOver).count()
        + downloads.stream().filter(each -> !each.isAlive() && each.awaitExit() != 0).count();
  }

  private void awaitDownloads() {
    for (int i = 0; i < downloads.size(); i++) {
      if (downloads.get(i).awaitExit() == 0) {
        assertThat(received.get(i)).hasSameBinaryContentAs(content);
      }
    }
  }

  /** By their own addresses, and HAProxy by none: its checks are no sessions. */
  private void knowsTheDevices() {
    first.awaitSessionLine(0, "device", LOADERS_ADDRESS, "agreed", "TLSv1");
    second.awaitSessionLine(mark, "device", LOADERS_ADDRESS, "agreed", "TLSv1");
    for (Daemon daemon : List.of(first, second)) {
      assertThat(daemon.output()).doesNotContain("proxy_header_refused", "device_not_admitted");
    }
  }
}
