package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/**
 * Devices that other servers no longer support reach a TLS 1.2 origin through an antique listener.
 * They are counted by their agreed parameters, and do not affect other devices.
 */
class AntiqueIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String LEGACY = "tlsuplift_legacy_handshakes_total";
  private static final String RC4 = "TLS_RSA_WITH_RC4_128_SHA";
  private static final String RC4_MD5 = "TLS_RSA_WITH_RC4_128_MD5";
  private static final String TRIPLE_DES = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
  private static final String DHE_AES = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA";
  private static final String ECDHE_AES = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final String ECDSA_AES = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA";
  private static final String LISTENERS =
      """
      listeners:
        - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: antique, devices: [127.0.0.0/8], until: %1$s}
        - {name: fix, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", profile: antique, devices: [127.0.0.0/8], until: %1$s}
        - {name: other, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", profile: antique, devices: [192.0.2.0/24], until: %1$s}
        - {name: legacy, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", profile: legacy}
        - {name: over, bind: "127.0.0.1:0", accept: http-connect, profile: antique, devices: [127.0.0.0/8], until: %3$s}
      routes:
        - {to: ["localhost:1024-65535"], action: bridge}
      upstream: {trust: "%4$s"}
      """;

  private static Daemon daemon;
  private static JsseOrigin origin;
  private static TestCa ca;
  private static LocalDate lastDay;
  private static LocalDate over;

  @BeforeAll
  static void start() {
    LocalDate today = LocalDate.now(ZoneId.systemDefault());
    lastDay = today.plusDays(30);
    over = today.minusDays(2);
    ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::agreement);
    daemon = Daemon.start(lab, yaml());
  }

  private static String yaml() {
    return LISTENERS.formatted(lastDay, origin.byName(), over, ca.file());
  }

  private static Way fixed(String listener) {
    return Way.fixed(daemon, listener, origin.byName());
  }

  private static Arguments device(Device device, String version, String said, String suite) {
    return Arguments.of(device, version, said, suite);
  }

  /** Each with the version and the suite that must be counted, and with the suite in its words. */
  private static Stream<Arguments> antiqueDevices() {
    return Stream.concat(
        Stream.of("0.10", "0.12").flatMap(AntiqueIT::nodes),
        Stream.of(
            device(
                new NssDevice(lab, "ssl3", "0005"), "SSLv3", "128-bit RC4 with 160-bit SHA1", RC4),
            device(
                new NssDevice(lab, "ssl3", "0004"),
                "SSLv3",
                "128-bit RC4 with 128-bit MD5",
                RC4_MD5),
            device(
                new NssDevice(lab, "ssl3", "000A"),
                "SSLv3",
                "112-bit 3DES with 160-bit SHA1",
                TRIPLE_DES),
            device(
                new NssDevice(lab, "ssl3", "0009"),
                "SSLv3",
                "56-bit DES with 160-bit SHA1",
                "TLS_RSA_WITH_DES_CBC_SHA"),
            device(
                new NssDevice(lab, "tls1.0", "0005"),
                "TLSv1",
                "128-bit RC4 with 160-bit SHA1",
                RC4),
            device(
                new NssDevice(lab, "tls1.0", "C012"),
                "TLSv1",
                "112-bit 3DES with 160-bit SHA1",
                "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
            device(gnutls("RSA:+ARCFOUR-128", ""), "TLSv1", "(RSA)-(ARCFOUR-128)-(SHA1)", RC4),
            device(gnutls("RSA:+3DES-CBC", ""), "TLSv1", "(RSA)-(3DES-CBC)-(SHA1)", TRIPLE_DES),
            device(
                gnutls("ECDHE-RSA:+AES-128-CBC", ":%NO_EXTENSIONS"),
                "TLSv1",
                "(ECDHE-SECP256R1)-(AES-128-CBC)-(SHA1)",
                ECDHE_AES),
            device(new JavaDevice(lab, "SSLv3"), "SSLv3", DHE_AES, DHE_AES),
            device(new JavaDevice(lab, "SSLv2Hello,SSLv3"), "SSLv3", DHE_AES, DHE_AES)));
  }

  private static Stream<Arguments> nodes(String release) {
    return Stream.of("SSLv3", "TLSv1")
        .flatMap(
            version ->
                Stream.of(
                    node(release, version, "RC4-SHA", "RC4-SHA", RC4),
                    node(release, version, "RC4-MD5", "RC4-MD5", RC4_MD5),
                    node(release, version, "DES-CBC3-SHA", "DES-CBC3-SHA", TRIPLE_DES),
                    version.equals("SSLv3")
                        // Without ECDHE: the JDK alone would take it, and the device then fails.
                        ? node(release, version, "DEFAULT", "DHE-RSA-AES128-SHA", DHE_AES)
                        : node(release, version, "DEFAULT", "ECDHE-ECDSA-AES128-SHA", ECDSA_AES)));
  }

  private static Arguments node(
      String release, String version, String offered, String said, String suite) {
    return device(new NodeDevice(release, version + "_method", offered), version, said, suite);
  }

  private static GnutlsDevice gnutls(String keyExchangeAndCipher, String more) {
    return new GnutlsDevice(
        "NONE:+VERS-TLS1.0:+"
            + keyExchangeAndCipher
            + ":+SHA1:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:+CTYPE-X509"
            + more);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("antiqueDevices")
  void upgradesAntiqueDevices(Device device, String version, String said, String suite) {
    boolean proxied = device instanceof NodeDevice || device instanceof JavaDevice;
    String listener = proxied ? "web" : "fix";
    Metrics before = daemon.metrics();

    Device.Visit visit =
        device.visit(proxied ? Way.connect(daemon, "web", origin.byName()) : fixed(listener));

    assertThat(visit.run().output()).contains(Conversations.answer("localhost"));
    assertThat(visit.suite()).as(visit.toString()).endsWith(said);
    daemon.awaitIncrease(
        before, 1, LEGACY, "listener", listener, "protocol", version, "cipher", suite);
  }

  @Test
  void otherListenersRefuseAntiqueDevices() {
    Metrics before = daemon.metrics();
    assertThat(new NssDevice(lab, "ssl3", "0005").attempt(fixed("legacy")).exit()).isNotZero();
    assertThat(new NssDevice(lab, "tls1.0", "0005").attempt(fixed("legacy")).exit()).isNotZero();
    String failed = "tlsuplift_downstream_handshakes_total";
    daemon.awaitIncrease(before, 1, failed, "listener", "legacy", "outcome", "no_shared_version");
    daemon.awaitIncrease(before, 1, failed, "listener", "legacy", "outcome", "no_shared_cipher");
  }

  @Test
  void reportsThatTheDeviceRejectsTheCa() {
    int mark = daemon.mark();
    Way distrusting = Way.connect(daemon, "web", origin.byName()).trusting(ca.file());
    assertThat(new JavaDevice(lab, "SSLv3").attempt(distrusting).exit()).isNotZero();
    daemon.awaitSessionLine(mark, "listener", "web", "handshake", "certificate_rejected");
  }

  @Test
  void refusesOtherDevices() {
    Metrics before = daemon.metrics();
    assertThat(new NssDevice(lab, "ssl3", "0005").attempt(fixed("other")).exit()).isNotZero();
    daemon.awaitIncrease(
        before,
        1,
        "tlsuplift_sessions_total",
        "listener",
        "other",
        "reason",
        "device_not_admitted");
  }

  @Test
  void logsTheLastDayOfEachAntiqueListener() {
    assertThat(daemon.output())
        .contains("the antique listener web stops accepting after " + lastDay)
        .contains("the antique listener over has stopped accepting: its last day was ")
        .doesNotContain("listener over: ");
    assertThat(daemon.metrics().sum("tlsuplift_antique_listener_expiry_seconds", "listener", "web"))
        .isGreaterThan(System.currentTimeMillis() / 1000);
  }

  @Test
  void checkWarnsOfWeakAndRefusesExpiredListeners() {
    Run refused = check(yaml());
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.output())
        .contains("1 problem", "listeners[4].until: got '" + over + "', which has passed");

    Run good = check(yaml().replace(over.toString(), lastDay.toString()));
    assertThat(good.exit()).isZero();
    assertThat(good.output())
        .contains("profile antique until " + lastDay + " for 127.0.0.0/8")
        .contains(":3: listeners[0].profile: 'antique' accepts SSLv3, RC4, 3DES, DES");
  }

  private static Run check(String yaml) {
    Path config = lab.file("antique.yaml", "dataDirectory: " + lab.directory("data") + "\n" + yaml);
    return Run.of(Daemon.jar("check", "--config", config.toString()));
  }
}
