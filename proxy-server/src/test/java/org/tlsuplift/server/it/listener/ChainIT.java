package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Haproxy;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** The next proxy, a real HAProxy or a second daemon, gets the device's address. */
class ChainIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static TestCa ca;
  private static Site site;
  private static Haproxy telling;
  private static Haproxy plain;
  private static Daemon far;
  private static Daemon near;

  @BeforeAll
  static void start() {
    Peer.requireIpv6();
    ca = new TestCa(lab);
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, site);
    telling = Haproxy.before(lab, site.address(), true);
    plain = Haproxy.before(lab, site.address(), false);
    far =
        Daemon.start(
            lab,
            """
            devices: {allow: [127.0.0.7]}
            listeners:
              - name: web
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [127.0.0.5]}
                accept: http-connect
                profile: modern
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            """,
            "--verbose");
    near =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: ["127.0.0.1:0", "[::1]:0"], accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:%d"], action: bridge, via: direct}
              - {to: ["localhost:%d"], action: bridge, via: direct, sendProxyHeader: none}
              - {to: ["localhost:%d"], action: bridge}
            upstream: {trust: "%s", sendProxyHeader: v2, via: "http://%s", sourceAddress: 127.0.0.5}
            """
                .formatted(
                    telling.front().getPort(),
                    plain.front().getPort(),
                    site.port(),
                    ca.file(),
                    Loopback.text(far.listener("web"))),
            "--verbose");
  }

  /** Each as the device that it is on 127.0.0.7. */
  private static Device.Visit visit(String version, Way way) {
    CurlDevice curl = new CurlDevice(version, "ALL");
    Way trusting = version.equals("1.0") ? way : way.trusting(ca.file());
    Run run = curl.attempt(trusting, "--interface", "127.0.0.7").succeeded();
    assertThat(run.output()).contains(site.answer("localhost"));
    return new Device.Visit("", "", run);
  }

  @ParameterizedTest
  @CsvSource({"1.0", "1.3"})
  void sendsTheAddressOfTheDeviceToHaproxy(String version) {
    Way way = Way.connect(near, "web", "localhost:" + telling.front().getPort());
    visit(version, way);
    telling.awaitConnection("127.0.0.7", Loopback.text(way.listener()));
  }

  @ParameterizedTest
  @CsvSource({"1.0", "1.3"})
  void sendsTheAddressOfTheDeviceToASecondDaemon(String version) {
    int mark = far.mark();
    visit(version, Way.connect(near, "web", site.byName()));
    far.awaitSessionLine(
        mark,
        "listener",
        "web",
        "device",
        "127.0.0.7",
        "target",
        site.byName(),
        "action",
        "tunnel");
  }

  @Test
  void connectsFromItsSourceAddressWithoutAHeader() {
    visit("1.0", Way.connect(near, "web", "localhost:" + plain.front().getPort()));
    plain.awaitConnection("127.0.0.5", Loopback.text(plain.front()));
  }

  @Test
  void servesDevicesOnAllAddressesOfAListener() {
    for (var address : near.listeners("web")) {
      Way way = new Way(address, true, site.byName(), "localhost", true, near.authority());
      // The second daemon would not let a device of ::1 in.
      Way straight =
          new Way(
              address,
              true,
              "localhost:" + plain.front().getPort(),
              "localhost",
              true,
              near.authority());
      Run run = new CurlDevice("1.0", "ALL").attempt(straight).succeeded();
      assertThat(run.output()).contains(site.answer("localhost"));
      int mark = far.mark();
      assertThat(new CurlDevice("1.0", "ALL").attempt(way).exit()).isNotZero();
      far.awaitSessionLine(
          mark,
          "device",
          address.getAddress().equals(Loopback.V6) ? "0:0:0:0:0:0:0:1" : "127.0.0.1",
          "reason",
          "device_not_admitted");
    }
    assertThat(near.listeners("web"))
        .extracting(java.net.InetSocketAddress::getAddress)
        .containsExactly(Loopback.V4, Loopback.V6);
  }
}
