package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

/** Who is let in, and how many. */
class LimitsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int HANDSHAKE = 0x16;

  private static TestCa ca;
  private static Site origin;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
  }

  @Test
  void refusesSessionsBeyondTheLimits() throws IOException {
    Daemon daemon = daemon("limits: {maxSessions: 3, maxSessionsPerDevice: 2}");
    var web = daemon.listener("web");
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (RawDevice first = RawDevice.through(web, origin.byName());
        RawDevice second = RawDevice.through(web, origin.byName());
        RawDevice thirdOfOne = RawDevice.to(web)) {
      assertThat(thirdOfOne.readAll()).isEmpty();
      daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "device_session_limit");
      daemon.awaitSessionLine(mark, "reason", "device_session_limit", "device", "127.0.0.1");

      try (RawDevice other = RawDevice.from(2, web);
          RawDevice oneTooMany = RawDevice.from(3, web)) {
        assertThat(oneTooMany.readAll()).isEmpty();
        daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "session_limit");
        other.send("GET / HTTP/1.1\r\n\r\n");
        assertThat(other.readText()).as("the last place was taken").startsWith("HTTP/1.1 400 ");
      }
    }
    daemon.awaitSessions(0);
    Way way = Way.connect(daemon, "web", origin.byName());
    Run run = new CurlDevice("1.0", "ALL").visit(way).run();
    assertThat(run.output()).as("places are given back").contains(origin.answer("localhost"));
  }

  @Test
  void refusesHandshakesThatOneDeviceStartsTooFast() throws IOException {
    Daemon daemon = daemon("limits: {handshakesPerSecond: 1, handshakeBurst: 1}");
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    List<RawDevice> devices = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      devices.add(lab.add(RawDevice.through(daemon.listener("web"), origin.byName())));
    }
    for (RawDevice device : devices) {
      device.send(RawDevice.hello());
    }
    assertThat(daemon.awaitSessionLine(mark, "reason", "device_handshake_limit"))
        .contains("device=\"127.0.0.1\"")
        .contains("limits.handshakesPerSecond");
    int admitted = 0;
    for (RawDevice device : devices) {
      if (device.readOne() == HANDSHAKE) {
        admitted++;
      } else {
        assertThat(device.readAll()).as("fatal, access_denied").endsWith(2, 49);
      }
    }
    assertThat(admitted).isBetween(1, devices.size() - 1);
    daemon.awaitIncrease(
        before,
        devices.size() - admitted,
        "tlsuplift_sessions_total",
        "reason",
        "device_handshake_limit");
  }

  @Test
  void admitsAllowedDevicesOnly() throws IOException {
    Daemon daemon = daemon("devices: {allow: [127.0.0.2/32]}");
    var web = daemon.listener("web");
    Metrics before = daemon.metrics();
    int mark = daemon.mark();
    try (RawDevice stranger = RawDevice.to(web);
        RawDevice known = RawDevice.from(2, web)) {
      assertThat(stranger.readAll()).isEmpty();
      known.send("GET / HTTP/1.1\r\n\r\n");
      assertThat(known.readText()).startsWith("HTTP/1.1 400 ");
    }
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "device_not_admitted");
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "negotiation_refused");
    assertThat(daemon.awaitSessionLine(mark, "reason", "device_not_admitted"))
        .contains("127.0.0.1")
        .contains("devices.allow");
  }

  private static Daemon daemon(String more) {
    return Daemon.start(
        lab,
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        %s
        """
            .formatted(ca.file(), more));
  }
}
