package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.OriginScript;
import org.tlsuplift.server.it.peer.Haproxy;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Real peers send PROXY headers before each way in: HAProxy of version 2, curl of version 1. */
class ProxyProtocolIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static Site site;
  private static InetSocketAddress front;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    OriginScript smtp =
        new OriginScript(
            "220 origin\r\n",
            "EHLO",
            "250 origin\r\n",
            "HELP",
            "214 the origin helps\r\n",
            "QUIT",
            "221 bye\r\n");
    JsseOrigin mail = JsseOrigin.start(lab, ca.issue("localhost"), smtp::hold);
    Nginx.start(lab, site);
    daemon =
        Daemon.start(
            lab,
            """
            devices: {allow: [10.9.8.0/24, 127.0.0.6, 127.0.0.7]}
            listeners:
              - name: web
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [127.0.0.1]}
                accept: http-connect
                profile: legacy
              - name: fixed
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [127.0.0.1, 127.0.0.6]}
                accept: fixed
                origin: "%s"
                profile: legacy
              - name: socks
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [127.0.0.1]}
                accept: socks
                profile: legacy
              - name: mail
                bind: "127.0.0.1:0"
                proxyProtocol: {accept: required, from: [127.0.0.1]}
                accept: fixed
                origin: "%s"
                protocol: smtp
                downstreamTls: starttls
                upstreamTls: implicit
                profile: legacy
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(site.byName(), mail.byName(), ca.file()),
            "--verbose");
    front = Haproxy.start(lab, daemon.listener("web"));
  }

  private static Run curl(String... options) {
    List<String> command = new ArrayList<>(List.of(Peers.require("curl"), "-sSv", "--http1.1"));
    command.addAll(List.of("--max-time", "60", "--cacert", daemon.authority().toString()));
    command.addAll(List.of("--tlsv1.0", "--tls-max", "1.0", "--ciphers", "ALL:@SECLEVEL=0"));
    command.addAll(List.of("--noproxy", ""));
    command.addAll(List.of(options));
    command.add("https://localhost:" + site.port() + "/");
    return Run.of(command);
  }

  private static Run throughHaproxy(String from) {
    return curl("--interface", from, "--proxy", "http://" + Loopback.text(front));
  }

  private static Run straight(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--connect-to", "::" + Loopback.text(daemon.listener("fixed"))));
    return curl(all.toArray(String[]::new));
  }

  private static void assertUpgraded(Run run) {
    assertThat(run.succeeded().output())
        .contains("SSL connection using TLSv1 /")
        .contains(site.answer("localhost"));
  }

  @Test
  void readsTheDeviceFromHaproxysHeader() {
    int mark = daemon.mark();
    Metrics before = daemon.metrics();
    assertUpgraded(throughHaproxy("127.0.0.7"));
    daemon.awaitSessionLine(mark, "listener", "web", "device", "127.0.0.7", "agreed", "TLSv1");
    daemon.awaitIncrease(before, 1, "tlsuplift_legacy_handshakes_total", "listener", "web");
  }

  @Test
  void readsTheDeviceFromHaproxysHeaderBeforeSocks() {
    InetSocketAddress socks = Haproxy.start(lab, daemon.listener("socks"));
    for (String way : List.of("--socks5-hostname", "--socks4a")) {
      int mark = daemon.mark();
      assertUpgraded(curl("--interface", "127.0.0.7", way, Loopback.text(socks)));
      daemon.awaitSessionLine(mark, "listener", "socks", "device", "127.0.0.7", "agreed", "TLSv1");
    }
  }

  @Test
  void readsTheDeviceFromHaproxysHeaderBeforeMail() {
    String address = Loopback.text(Haproxy.start(lab, daemon.listener("mail")));
    assertHelped("127.0.0.7", "--interface", "127.0.0.7", "--connect-to", "::" + address);
  }

  @Test
  void readsTheMailDeviceFromCurlsHeader() {
    String address = Loopback.text(daemon.listener("mail"));
    assertHelped("10.9.8.7", "--haproxy-clientip", "10.9.8.7", "--connect-to", "::" + address);
  }

  private static void assertHelped(String device, String... options) {
    int mark = daemon.mark();
    List<String> command = new ArrayList<>(List.of(Peers.require("curl"), "-sSv", "--ssl-reqd"));
    command.addAll(List.of("--max-time", "60", "--cacert", daemon.authority().toString()));
    command.addAll(List.of("--tlsv1.0", "--tls-max", "1.0", "--ciphers", "ALL:@SECLEVEL=0"));
    command.addAll(List.of(options));
    command.add("smtp://localhost/");
    assertThat(Run.of(command).succeeded().output())
        .contains("SSL connection using TLSv1 /", "214 the origin helps");
    daemon.awaitSessionLine(mark, "listener", "mail", "device", device, "agreed", "TLSv1");
  }

  @Test
  void readsCurlsOwnAddressFromItsHeader() {
    int mark = daemon.mark();
    assertUpgraded(straight("--interface", "127.0.0.6", "--haproxy-protocol"));
    daemon.awaitSessionLine(mark, "listener", "fixed", "device", "127.0.0.6", "agreed", "TLSv1");
  }

  @Test
  void refusesADeviceBehindHaproxy() {
    int mark = daemon.mark();
    Run run = throughHaproxy("127.0.0.8");
    assertThat(run.exit()).as(run.toString()).isNotZero();
    daemon.awaitSessionLine(mark, "device", "127.0.0.8", "reason", "device_not_admitted");
  }

  @Test
  void healthChecksCountAsHaproxysOwnAddress() {
    // HAProxy's checks have the command LOCAL, so its own address is checked, which is not
    // admitted.
    daemon.awaitSessionLine(0, "device", "127.0.0.1", "reason", "device_not_admitted");
    assertUpgraded(throughHaproxy("127.0.0.7"));
  }

  @Test
  void readsTheDeviceFromCurlsHeader() {
    int mark = daemon.mark();
    assertUpgraded(straight("--haproxy-clientip", "10.9.8.7"));
    daemon.awaitSessionLine(mark, "listener", "fixed", "device", "10.9.8.7", "agreed", "TLSv1");
  }

  @Test
  void refusesCurlsOwnAddressIfItIsNotAllowed() {
    int mark = daemon.mark();
    Run run = straight("--haproxy-protocol");
    assertThat(run.exit()).as(run.toString()).isNotZero();
    daemon.awaitSessionLine(mark, "device", "127.0.0.1", "reason", "device_not_admitted");
  }

  @Test
  void refusesConnectionsWithoutAHeaderOrFromElsewhere() throws IOException {
    int mark = daemon.mark();
    assertThat(straight().exit()).isNotZero();
    assertThat(daemon.awaitSessionLine(mark, "reason", "proxy_header_refused"))
        .contains("expected a PROXY header, got TLS");
    Metrics before = daemon.metrics();
    RawDevice.from(7, daemon.listener("web")).close();
    daemon.awaitIncrease(before, 1, "tlsuplift_sessions_total", "reason", "proxy_header_refused");
    assertThat(
            daemon.awaitSessionLine(mark, "device", "127.0.0.7", "reason", "proxy_header_refused"))
        .contains("proxyProtocol.from");
  }
}
