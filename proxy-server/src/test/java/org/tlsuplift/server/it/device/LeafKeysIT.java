package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** Real devices that support P-256 get a certificate with such a key, and others RSA. */
class LeafKeysIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String EC = "ECDHE-ECDSA-AES128-SHA";
  private static final String RSA = "ECDHE-RSA-AES128-SHA";

  private static TestCa ca;
  private static JsseOrigin origin;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::agreement);
    daemon = Daemon.start(lab, yaml());
  }

  private static String yaml() {
    return """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, whenModern: bridge}
          - {name: fix, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy, whenModern: bridge}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        upstream: {trust: "%s"}
        """
        .formatted(origin.byName(), ca.file());
  }

  private static OldDevice node(String release, String version, String offered, String suite) {
    return new OldDevice(
        new NodeDevice(release, version.replace('.', '_') + "_method", offered), version, suite);
  }

  private static OldDevice gnutls(String version, String kx, String said) {
    return new OldDevice(
        new GnutlsDevice(
            "NONE:+VERS-%s:%s:+AES-128-CBC:+SHA1:+COMP-NULL:+SIGN-ALL:+GROUP-SECP256R1:+CTYPE-X509"
                .formatted(version, kx)),
        version,
        said);
  }

  private static Stream<OldDevice> throughConnect() {
    return Stream.of(
        node("0.10", "TLSv1", "DEFAULT", EC),
        node("0.10", "TLSv1", "DEFAULT:!ECDSA", RSA),
        node("0.12", "TLSv1.1", "DEFAULT", EC),
        node("4", "TLSv1", "DEFAULT", EC),
        node("6", "TLSv1.2", "DEFAULT", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        node("8", "TLSv1.2", "DEFAULT:!ECDSA", "ECDHE-RSA-AES128-GCM-SHA256"),
        node("8", "TLSv1.1", "DEFAULT", EC),
        new OldDevice(
            new JavaDevice(lab, "TLSv1"), "TLSv1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        new OldDevice(
            new JavaDevice(lab, "TLSv1.2"), "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
  }

  private static Stream<OldDevice> onAFixedPort() {
    return Stream.of(
        new OldDevice(new OpensslDevice("-tls1", "ALL"), "TLSv1", EC),
        new OldDevice(
            new OpensslDevice("-tls1_2", "ALL"), "TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        new OldDevice(new NssDevice(lab, "tls1.0", "C009"), "3.1", "128-bit AES with 160-bit SHA1"),
        gnutls("TLS1.0", "+ECDHE-ECDSA:+ECDHE-RSA", "(ECDHE-SECP256R1)-(AES-128-CBC)-(SHA1)"),
        gnutls("TLS1.1", "+ECDHE-ECDSA", "(ECDHE-SECP256R1)-(AES-128-CBC)-(SHA1)"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("throughConnect")
  void servesThroughConnect(OldDevice device) {
    device.visits(Way.connect(daemon, "web", origin.byName()), Conversations.answer("localhost"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("onAFixedPort")
  void servesOnAFixedPort(OldDevice device) {
    device.visits(Way.fixed(daemon, "fix", origin.byName()), Conversations.answer("localhost"));
  }

  @Test
  void remembersADeviceThatRefusedAnEcKey() {
    Device device = new OpensslDevice("-tls1", "ALL");
    Path folder = lab.directory("remembers");
    try (Daemon first = Daemon.start(lab, Machine.HERE, folder, yaml())) {
      int mark = first.mark();
      assertThat(device.attempt(way(first).trusting(ca.file())).exit()).isNotZero();
      first.awaitSessionLine(mark, "handshake", "certificate_rejected");
      assertThat(device.visit(way(first)).suite()).isEqualTo(RSA);
      first.terminate();
      assertThat(first.awaitExit(Duration.ofSeconds(20))).isZero();
    }
    Daemon second = Daemon.start(lab, Machine.HERE, folder, yaml());
    // It reads its inventory beside its work, which takes longer than its start on a busy machine.
    await().untilAsserted(() -> assertThat(device.visit(way(second)).suite()).isEqualTo(RSA));
    String config = Daemon.config(folder).toString();
    assertThat(CommandLineRun.of("devices", "--config", config, "127.0.0.1").succeeded().output())
        .contains("gets RSA     a handshake with an EC key failed");
  }

  private static Way way(Daemon daemon) {
    return Way.fixed(daemon, "fix", origin.byName());
  }
}
