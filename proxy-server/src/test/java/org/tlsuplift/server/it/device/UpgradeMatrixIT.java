package org.tlsuplift.server.it.device;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Old devices of five families reach origins of three kinds; each end says what it agreed to. */
class UpgradeMatrixIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String STATIC_1_2 = "AES128-GCM-SHA256";
  private static final String MODERN = "ECDHE-RSA-AES256-GCM-SHA384";
  private static final String IANA_ECDSA = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";

  private static Daemon daemon;
  private static List<Origin> origins;

  /** An origin with the listener that stands for it and what it answers when all is well. */
  private record Origin(String listener, String address, String answer) {
    @Override
    public String toString() {
      return listener;
    }
  }

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    Site tls12 = Site.tls12(Loopback.V4, identity);
    Site tls13 = Site.tls13(Loopback.V4, identity);
    Nginx.start(lab, tls12, tls13);
    JsseOrigin jsse = JsseOrigin.start(lab, identity, Conversations::agreement);
    origins =
        List.of(
            new Origin("nginx12", tls12.byName(), tls12.answer("localhost")),
            new Origin("nginx13", tls13.byName(), tls13.answer("localhost")),
            new Origin("jsse", jsse.byName(), Conversations.answer("localhost")));
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: all, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, whenModern: bridge}
              - {name: nginx12, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: nginx13, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: jsse, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(tls12.byName(), tls13.byName(), jsse.byName(), ca.file()));
  }

  private static Stream<OldDevice> oldDevices() {
    String plain = OldDevice.STATIC;
    return Stream.of(
        OldDevice.openssl10(),
        new OldDevice(new OpensslDevice("-tls1", plain), "TLSv1", plain),
        new OldDevice(new OpensslDevice("-tls1_1", "ALL"), "TLSv1.1", OldDevice.ECDSA),
        new OldDevice(new OpensslDevice("-tls1_2", STATIC_1_2), "TLSv1.2", STATIC_1_2),
        OldDevice.curl10(),
        new OldDevice(new CurlDevice("1.1", "AES256-SHA"), "TLSv1.1", "AES256-SHA"),
        OldDevice.node10(),
        new OldDevice(new NodeDevice("8", "TLSv1_1_method", plain), "TLSv1.1", plain),
        new OldDevice(new NodeDevice("8", "TLSv1_2_method", plain), "TLSv1.2", plain),
        new OldDevice(new JavaDevice(lab, "TLSv1"), "TLSv1", IANA_ECDSA),
        new OldDevice(new JavaDevice(lab, "TLSv1.1"), "TLSv1.1", IANA_ECDSA));
  }

  private static Stream<OldDevice> oldDevicesWithoutProxy() {
    String plain = OldDevice.STATIC;
    return Stream.of(
        OldDevice.openssl10(),
        new OldDevice(new CurlDevice("1.1", plain), "TLSv1.1", plain),
        OldDevice.node10(),
        OldDevice.gnutls10(),
        new OldDevice(
            new GnutlsDevice("NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+RSA"),
            "TLS1.1",
            "(RSA)-(AES-128-CBC)-(SHA1)"));
  }

  private static Stream<Arguments> throughConnect() {
    return oldDevices().flatMap(UpgradeMatrixIT::toEachOrigin);
  }

  private static Stream<Arguments> onFixedPorts() {
    return oldDevicesWithoutProxy().flatMap(UpgradeMatrixIT::toEachOrigin);
  }

  private static Stream<Arguments> toEachOrigin(OldDevice old) {
    return origins.stream().map(origin -> Arguments.of(old, origin));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("throughConnect")
  void upgradesThroughConnect(OldDevice old, Origin origin) {
    old.visits(Way.connect(daemon, "web", origin.address()), origin.answer());
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("onFixedPorts")
  void upgradesOnAFixedPort(OldDevice old, Origin origin) {
    old.visits(Way.fixed(daemon, origin.listener(), origin.address()), origin.answer());
  }

  private static Stream<OldDevice> modernDevices() {
    return Stream.of(
        new OldDevice(new OpensslDevice("-tls1_2", MODERN), "TLSv1.2", MODERN),
        new OldDevice(new OpensslDevice("-tls1_3", "ALL"), "TLSv1.3", "TLS_AES_256_GCM_SHA384"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modernDevices")
  void bridgesModernDevicesIfConfigured(OldDevice modern) {
    Origin origin = origins.get(0);
    modern.visits(Way.connect(daemon, "all", origin.address()), origin.answer());
  }
}
