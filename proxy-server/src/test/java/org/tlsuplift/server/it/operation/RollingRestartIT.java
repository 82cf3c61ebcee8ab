package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Companion;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** A second daemon takes the port of the first, while devices keep coming. */
class RollingRestartIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** Without pauses, devices take the CPUs that the second daemon needs to start. */
  private static final Duration BETWEEN_DEVICES = Duration.ofMillis(50);

  private static final Duration BETWEEN_KNOCKS = Duration.ofMillis(2);

  private static TestCa ca;
  private static JsseOrigin origin;
  private static JsseOrigin echo;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  @BeforeAll
  static void startOrigins() {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    origin = JsseOrigin.start(lab, identity, Conversations::agreement);
    echo = JsseOrigin.start(lab, identity, Conversations::echo);
  }

  private static Daemon start(int port, Daemon first, String transport) {
    String authority =
        first == null
            ? ""
            : "certificateAuthority: {certificate: \"%s\", key: \"%s\"}\n"
                .formatted(first.authority(), first.authority().resolveSibling("ca.key.pem"));
    return Daemon.start(
        lab,
        """
        listeners:
          - {name: web, bind: "127.0.0.1:%d", reusePort: true, accept: http-connect,
             profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        transport: %s
        """
                .formatted(port, ca.file(), transport)
            + authority,
        "--verbose");
  }

  /** The transports on which two daemons can share a port; auto is io_uring where it works. */
  @ParameterizedTest
  @ValueSource(strings = {"epoll", "auto"})
  void secondDaemonServesWhileTheFirstDrains(String transport) throws Exception {
    int port = Loopback.freePort(Loopback.V4);
    Daemon old = start(port, null, transport);
    Companion companion = Companion.open(lab, Way.connect(old, "web", echo.byName()));
    List<String> curl =
        new CurlDevice("1.0", "ALL").command(Way.connect(old, "web", origin.byName()));
    ExecutorService devices = Executors.newSingleThreadExecutor();
    lab.add(devices::shutdownNow);
    Future<?> coming = devices.submit(() -> come(curl));
    awaitServed(3);

    Daemon young = start(port, old, transport);
    assertThat(young.listener("web")).isEqualTo(old.listener("web"));
    Metrics before = young.metrics();
    await("both are served by")
        .atMost(Duration.ofSeconds(30))
        .until(() -> sessions(young) > sessions(before) && served.get() > 4);
    old.terminate();
    await("the first takes no more")
        .atMost(Duration.ofSeconds(15))
        .until(() -> old.output().contains("stopped accepting sessions"));
    companion.assertAlive();
    awaitServed(3);
    companion.close();
    assertThat(old.awaitExit(Duration.ofSeconds(30))).isZero();
    int refusedBefore = refused.get();
    awaitServed(3);
    over.set(true);
    coming.get();

    assertThat(refused).as("none is refused after the end of the first").hasValue(refusedBefore);
    // What the first has not accepted when it closes its port is reset, unless the kernel is told
    // to hand it over (net.ipv4.tcp_migrate_req); devices that come one by one meet that hardly
    // ever.
    assertThat(refused.get()).isLessThanOrEqualTo(1);
  }

  @Test
  void aSecondDaemonThatCannotStartAcceptsNoConnection() throws Exception {
    int port = Loopback.freePort(Loopback.V4);
    Daemon old = start(port, null, "auto");
    Companion companion = Companion.open(lab, Way.connect(old, "web", echo.byName()));
    ExecutorService devices = Executors.newSingleThreadExecutor();
    lab.add(devices::shutdownNow);
    Future<?> coming = devices.submit(() -> knock(old.listener("web")));
    awaitServed(1);

    try (ServerSocket taken = new ServerSocket(0, 1, Loopback.V4);
        Child young =
            Daemon.run(
                lab.directory("daemon"),
                """
                listeners:
                  - {name: web, bind: "127.0.0.1:%d", reusePort: true, accept: http-connect,
                     profile: legacy}
                  - {name: last, bind: "127.0.0.1:%d", accept: http-connect, profile: legacy}
                """
                    .formatted(port, taken.getLocalPort()))) {
      assertThat(young.awaitExit()).as(young.toString()).isEqualTo(1);
      assertThat(young.output()).contains("listener 'last' cannot listen on", "in use");
    }

    awaitServed(1);
    over.set(true);
    coming.get();
    assertThat(refused).hasValue(0);
    companion.assertAlive();
    companion.close();
  }

  /** Asks for something that is refused, again and again: a connection that is reset is seen. */
  private void knock(InetSocketAddress web) {
    while (!over.get()) {
      try (RawDevice device = RawDevice.to(web)) {
        device.send("GET / HTTP/1.1\r\n\r\n");
        assertThat(device.readText()).startsWith("HTTP/1.1 400 ");
        served.incrementAndGet();
        LockSupport.parkNanos(BETWEEN_KNOCKS.toNanos());
      } catch (IOException | AssertionError reset) {
        refused.incrementAndGet();
      }
    }
  }

  private void come(List<String> device) {
    while (!over.get()) {
      if (Run.of(device).exit() == 0) {
        served.incrementAndGet();
      } else {
        refused.incrementAndGet();
      }
      LockSupport.parkNanos(BETWEEN_DEVICES.toNanos());
    }
  }

  private void awaitServed(int more) {
    int before = served.get();
    await(more + " more devices are served")
        .atMost(Duration.ofSeconds(30))
        .until(() -> served.get() >= before + more);
  }

  private static long sessions(Daemon daemon) {
    return sessions(daemon.metrics());
  }

  private static long sessions(Metrics metrics) {
    return metrics.sum("tlsuplift_sessions_total", "listener", "web");
  }
}
