package org.tlsuplift.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.Device.Visit;
import org.tlsuplift.server.it.Device.Way;

/** Old devices of five families reach origins of three kinds; each end says what it agreed to. */
class UpgradeMatrixIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String ECDHE = "ECDHE-RSA-AES128-SHA";
  private static final String STATIC = "AES128-SHA";
  private static final String STATIC_1_2 = "AES128-GCM-SHA256";

  private static Daemon daemon;
  private static List<Origin> origins;

  /** An origin with the listener that stands for it and what it answers when all is well. */
  private record Origin(String listener, String address, String answer) {
    @Override
    public String toString() {
      return listener;
    }
  }

  /** A device with what it should print: the version and the suite in its own words. */
  private record Old(Device device, String version, String suite) {
    @Override
    public String toString() {
      return device.toString();
    }
  }

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost", "127.0.0.1", "::1");
    Site tls12 = Site.tls12(Loopback.V4, identity);
    Site tls13 = Site.tls13(Loopback.V4, identity);
    Site tls12on6 = Site.tls12(Loopback.V6, identity);
    Nginx.start(lab, tls12, tls13, tls12on6);
    JsseOrigin jsse = JsseOrigin.start(lab, identity, Conversations::agreement);
    origins =
        List.of(
            new Origin("nginx12", tls12.byName(), tls12.answer("localhost")),
            new Origin("nginx13", tls13.byName(), tls13.answer("localhost")),
            new Origin("jsse", jsse.byName(), Conversations.answer("localhost")),
            new Origin("nginx12by4", tls12.byAddress(), tls12.answer("")),
            new Origin("nginx12by6", tls12on6.byAddress(), tls12on6.answer("")));
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: web6, bind: "[::1]:0", accept: http-connect, profile: legacy}
              - {name: all, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, whenModern: bridge}
              - {name: nginx12, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: nginx13, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: jsse, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: nginx12by4, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy}
              - {name: nginx12by6, bind: "[::1]:0", accept: fixed, origin: "%s", profile: legacy}
            routes:
              - {to: ["localhost:*", "127.0.0.0/8:*", "[::1/128]:*"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(
                    Stream.concat(origins.stream().map(Origin::address), Stream.of(ca.file()))
                        .toArray()));
  }

  private static Stream<Old> oldDevices() {
    return Stream.of(
        new Old(new OpensslDevice("-tls1", ECDHE), "TLSv1", ECDHE),
        new Old(new OpensslDevice("-tls1", STATIC), "TLSv1", STATIC),
        new Old(new OpensslDevice("-tls1_1", "ALL"), "TLSv1.1", ECDHE),
        new Old(new OpensslDevice("-tls1_2", STATIC_1_2), "TLSv1.2", STATIC_1_2),
        new Old(new CurlDevice("1.0", "ALL"), "TLSv1", ECDHE),
        new Old(new CurlDevice("1.1", "AES256-SHA"), "TLSv1.1", "AES256-SHA"),
        new Old(new NodeDevice("TLSv1_method", "ALL"), "TLSv1", ECDHE),
        new Old(new NodeDevice("TLSv1_1_method", STATIC), "TLSv1.1", STATIC),
        new Old(new NodeDevice("TLSv1_2_method", STATIC), "TLSv1.2", STATIC),
        new Old(new JavaDevice(lab, "TLSv1"), "TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        new Old(new JavaDevice(lab, "TLSv1.1"), "TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
  }

  private static Stream<Old> oldDevicesWithoutProxy() {
    return Stream.of(
        new Old(new OpensslDevice("-tls1", ECDHE), "TLSv1", ECDHE),
        new Old(new CurlDevice("1.1", STATIC), "TLSv1.1", STATIC),
        new Old(new NodeDevice("TLSv1_method", "ALL"), "TLSv1", ECDHE),
        new Old(
            new GnutlsDevice("NORMAL:-VERS-ALL:+VERS-TLS1.0"),
            "TLS1.0",
            "(ECDHE-SECP256R1)-(AES-128-CBC)-(SHA1)"),
        new Old(
            new GnutlsDevice("NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+RSA"),
            "TLS1.1",
            "(RSA)-(AES-128-CBC)-(SHA1)"));
  }

  private static Stream<Arguments> connectVisits() {
    return oldDevices()
        .flatMap(old -> origins.subList(0, 3).stream().map(to -> Arguments.of(old, to)));
  }

  private static Stream<Arguments> fixedVisits() {
    return oldDevicesWithoutProxy()
        .flatMap(old -> origins.subList(0, 3).stream().map(to -> Arguments.of(old, to)));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("connectVisits")
  void upgradesThroughConnect(Old old, Origin origin) {
    check(old, origin, Way.connect(daemon, "web", origin.address()));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("fixedVisits")
  void upgradesOnAFixedPort(Old old, Origin origin) {
    check(old, origin, Way.fixed(daemon, origin.listener(), origin.address()));
  }

  private static Stream<Arguments> visitsByAddress() {
    Old curl = new Old(new CurlDevice("1.0", ECDHE), "TLSv1", ECDHE);
    Old openssl = new Old(new OpensslDevice("-tls1_1", STATIC), "TLSv1.1", STATIC);
    Origin by4 = origins.get(3);
    Origin by6 = origins.get(4);
    return Stream.of(
        Arguments.of(curl, by4, "web", true),
        Arguments.of(curl, by4, "web6", true),
        Arguments.of(curl, by6, "web", true),
        Arguments.of(curl, by6, "web6", true),
        Arguments.of(
            new Old(new NodeDevice("TLSv1_method", STATIC), "TLSv1", STATIC), by6, "web6", true),
        Arguments.of(openssl, by4, "nginx12by4", false),
        Arguments.of(openssl, by6, "nginx12by6", false));
  }

  /** Over IPv4 and IPv6 on either side, with certificates that carry addresses. */
  @ParameterizedTest(name = "{0} to {1} on {2}")
  @MethodSource("visitsByAddress")
  void upgradesToAddresses(Old old, Origin origin, String listener, boolean connect) {
    check(
        old,
        origin,
        new Way(daemon.listener(listener), connect, origin.address(), daemon.authority()));
  }

  private static Stream<Old> modernDevices() {
    return Stream.of(
        new Old(
            new OpensslDevice("-tls1_2", "ECDHE-RSA-AES256-GCM-SHA384"),
            "TLSv1.2",
            "ECDHE-RSA-AES256-GCM-SHA384"),
        new Old(new OpensslDevice("-tls1_3", "ALL"), "TLSv1.3", "TLS_AES_128_GCM_SHA256"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modernDevices")
  void bridgesModernDevicesWhereToldTo(Old modern) {
    check(modern, origins.get(0), Way.connect(daemon, "all", origins.get(0).address()));
  }

  private static void check(Old old, Origin origin, Way way) {
    Visit visit = old.device().visit(way);
    assertThat(visit.version()).as(visit.toString()).isEqualTo(old.version());
    assertThat(visit.suite()).as(visit.toString()).isEqualTo(old.suite());
    assertThat(visit.run().output()).contains(origin.answer());
  }
}
