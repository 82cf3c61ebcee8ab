package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Standard output that is no longer read, for example because the log collector hangs. */
class BlockedOutputIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** At least one line each; the queue holds 4096, and the pipe some hundreds. */
  private static final int SESSIONS = 6_000;

  private static Site origin;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            limits: {maxSessionsPerDevice: 10000}
            """
                .formatted(ca.file()),
            "--verbose");
  }

  @Test
  void blockedOutputStopsNeitherSessionsNorTheShutdown() throws IOException {
    Metrics before = daemon.metrics();
    daemon.stopReading();
    probe();
    daemon.awaitIncrease(before, SESSIONS, "tlsuplift_sessions_total");
    visit();
    assertThat(daemon.metrics().sum("tlsuplift_log_dropped_total")).isPositive();

    int mark = daemon.mark();
    daemon.readOn();
    daemon.awaitOutput(mark, "log lines were dropped");
    visit();

    daemon.stopReading();
    probe();
    visit();
    daemon.terminate();
    await().atMost(Duration.ofSeconds(10)).until(() -> !daemon.isAlive());
    daemon.readOn();
    assertThat(daemon.awaitExit(Duration.ofSeconds(10))).isZero();
  }

  private static void visit() {
    Way way = Way.connect(daemon, "web", origin.byName());
    Run run = new CurlDevice("1.0", "ALL").visit(way).run();
    assertThat(run.output()).contains(origin.answer("localhost"));
  }

  /** Sessions of load balancers, which look whether the port is open. */
  private static void probe() throws IOException {
    InetSocketAddress web = daemon.listener("web");
    for (int i = 0; i < SESSIONS; i++) {
      RawDevice.to(web).close();
    }
  }
}
