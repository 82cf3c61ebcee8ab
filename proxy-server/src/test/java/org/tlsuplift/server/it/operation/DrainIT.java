package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** SIGTERM lets sessions end, for a while, and takes no new ones. */
class DrainIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int CHUNKS = 64;
  private static final long SIZE = CHUNKS * 64L * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final TestCa ca = new TestCa(lab);
  private final CountDownLatch halfSent = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @Test
  void completesADownloadAndRefusesNewSessions() throws InterruptedException {
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), this::inTwoHalves);
    Daemon daemon = daemon("30s");
    InetSocketAddress web = daemon.listener("web");
    Path received = lab.directory("received").resolve("content");
    Child download =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    new CurlDevice("1.0", "ALL")
                        .command(
                            Way.connect(daemon, "web", origin.byName()),
                            "-o",
                            received.toString()))));
    assertThat(halfSent.await(30, TimeUnit.SECONDS)).as("half is sent").isTrue();
    assertThat(Metrics.status(daemon.admin(), "/readyz")).isEqualTo(200);

    daemon.terminate();

    await("new connections are refused").atMost(TIMEOUT).until(() -> !Loopback.accepts(web));
    assertThat(Metrics.status(daemon.admin(), "/healthz")).isEqualTo(200);
    assertThat(Metrics.status(daemon.admin(), "/readyz")).isEqualTo(503);
    goOn.countDown();
    assertThat(download.awaitExit()).as(download.toString()).isZero();
    assertThat(received).hasSize(SIZE);
    assertThat(daemon.awaitExit(TIMEOUT)).as(daemon.toString()).isZero();
  }

  @Test
  void closesRemainingSessionsAtTheDeadline() {
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    Daemon daemon = daemon("1s");
    Companion.open(lab, Way.connect(daemon, "web", origin.byName()));
    int mark = daemon.mark();

    daemon.terminate();

    assertThat(daemon.awaitExit(TIMEOUT)).as(daemon.toString()).isZero();
    daemon.awaitSessionLine(mark, "reason", "shutdown", "target", origin.byName());
  }

  @Test
  void exitsAtOnceIfIdle() {
    Daemon daemon = daemon("5m");
    daemon.terminate();
    assertThat(daemon.awaitExit(TIMEOUT)).as(daemon.toString()).isZero();
  }

  private void inTwoHalves(SSLSocket device) throws IOException {
    Conversations.readHead(device.getInputStream());
    OutputStream out = device.getOutputStream();
    out.write(Conversations.head(SIZE));
    Conversations.write(out, CHUNKS / 2);
    halfSent.countDown();
    try {
      assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
    Conversations.write(out, CHUNKS - CHUNKS / 2);
  }

  private Daemon daemon(String drainTimeout) {
    return Daemon.start(
        lab,
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        limits: {drainTimeout: %s}
        """
            .formatted(ca.file(), drainTimeout));
  }
}
