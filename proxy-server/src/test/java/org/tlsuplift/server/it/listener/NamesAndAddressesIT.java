package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.JavaDevice;
import org.tlsuplift.server.it.device.OldDevice;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/**
 * IPv4 and IPv6 on either side, addresses in certificates, and the server name that is passed on.
 */
class NamesAndAddressesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String NAME = "mail.contoso.example";

  private static Daemon daemon;
  private static Site origin4;
  private static Site origin6;
  private static Site nameless;

  @BeforeAll
  static void start() {
    Peer.requireIpv6();
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue(NAME, "127.0.0.1", "::1");
    origin4 = Site.tls12(Loopback.V4, identity);
    origin6 = Site.tls13(Loopback.V6, identity);
    nameless = Site.tls12(Loopback.V4, ca.issue("127.0.0.1"));
    Nginx.start(lab, origin4, origin6, nameless);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web4, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: web6, bind: "[::1]:0", accept: http-connect, profile: legacy}
              - {name: fixed4to6, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", profile: legacy}
              - {name: fixed6to4, bind: "[::1]:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: nameless, bind: "127.0.0.1:0", accept: fixed, origin: "%5$s", profile: legacy}
            routes:
              - {to: ["%3$s:1024-65535", "127.0.0.0/8:1024-65535", "[::1/128]:1024-65535"], action: bridge}
            upstream: {trust: "%4$s"}
            """
                .formatted(
                    origin4.byAddress(),
                    origin6.byAddress(),
                    NAME,
                    ca.file(),
                    nameless.byAddress()));
  }

  private static Stream<Arguments> ways() {
    return Stream.of(
        Arguments.of(OldDevice.curl10(), "web4", true, origin4),
        Arguments.of(OldDevice.curl10(), "web4", true, origin6),
        Arguments.of(OldDevice.curl10(), "web6", true, origin4),
        Arguments.of(OldDevice.curl10(), "web6", true, origin6),
        Arguments.of(OldDevice.openssl10(), "web6", true, origin4),
        Arguments.of(OldDevice.openssl10(), "fixed4to6", false, origin6),
        Arguments.of(OldDevice.openssl10(), "fixed6to4", false, origin4),
        Arguments.of(OldDevice.gnutls10(), "fixed4to6", false, origin6),
        Arguments.of(OldDevice.gnutls10(), "fixed6to4", false, origin4),
        Arguments.of(
            new OldDevice(
                new JavaDevice(lab, "TLSv1"), "TLSv1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
            "web4",
            true,
            origin6));
  }

  @ParameterizedTest(name = "{0} on {1} to {3}")
  @MethodSource("ways")
  void upgradesToAnAddress(OldDevice old, String listener, boolean connect, Site origin) {
    old.visits(way(listener, connect, origin), origin.answer(""));
  }

  /** A fixed listener whose origin is an address verifies that address. */
  private static Stream<Arguments> waysWithNames() {
    return ways()
        .filter(each -> !(((OldDevice) each.get()[0]).device() instanceof JavaDevice))
        .filter(each -> (boolean) each.get()[2]);
  }

  /** The device has looked the name up itself, and asks for the address. */
  @ParameterizedTest(name = "{0} on {1} to {3}")
  @MethodSource("waysWithNames")
  void passesTheServerNameOn(OldDevice old, String listener, boolean connect, Site origin) {
    old.visits(way(listener, connect, origin).named(NAME), origin.answer(NAME));
  }

  /**
   * The device sends a name that a route allows, and the certificate of the origin is for its
   * address alone.
   */
  @Test
  void verifiesTheAddressOfAFixedListenerForAnySni() {
    List<String> command =
        new OpensslDevice("-tls1", OldDevice.ECDHE).command(way("nameless", false, nameless));
    int option = command.indexOf("-noservername");
    command.set(option, "-servername");
    command.add(option + 1, NAME);
    Run run = Run.of(command, Map.of(), "GET / HTTP/1.0\r\n\r\n").succeeded();
    assertThat(run.output()).contains(nameless.answer(""));
  }

  /** OpenSSL 1.0.2 knows no address constraints, and needs none for a name. */
  @ParameterizedTest
  @MethodSource("origins")
  void passesTheServerNameOnOfNode(Site origin) {
    OldDevice.node10().visits(way("web6", true, origin).named(NAME), origin.answer(NAME));
  }

  private static Stream<Site> origins() {
    return Stream.of(origin4, origin6);
  }

  private static Way way(String listener, boolean connect, Site origin) {
    return connect
        ? Way.connect(daemon, listener, origin.byAddress())
        : Way.fixed(daemon, listener, origin.byAddress());
  }
}
