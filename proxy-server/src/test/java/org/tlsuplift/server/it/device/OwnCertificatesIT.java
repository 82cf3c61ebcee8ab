package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/**
 * Old stacks that trust only the small CA of an antique listener verify its weak certificates. No
 * other listener presents these certificates, and no other device trusts them.
 */
class OwnCertificatesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String ANTIQUE =
      "accept: fixed, origin: \"%1$s\", profile: antique, devices: [127.0.0.0/8], until: %2$s, whenModern: bridge";
  private static final String LISTENERS =
      """
      listeners:
        - {name: weak, bind: "127.0.0.1:0", ANTIQUE, certificate: {keyAlgorithm: RSA-1024, signature: SHA1, names: one, extensions: minimal}}
        - {name: bare, bind: "127.0.0.1:0", ANTIQUE, certificate: {keyAlgorithm: RSA-1024, signature: SHA1, names: one, extensions: none}}
        - {name: curved, bind: "127.0.0.1:0", ANTIQUE, certificate: {keyAlgorithm: EC-P256, extensions: minimal}}
        - {name: plain, bind: "127.0.0.1:0", ANTIQUE}
        - {name: legacy, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
      routes:
        - {to: ["localhost:*"], action: bridge}
      upstream: {trust: "%3$s"}
      """
          .replace("ANTIQUE", ANTIQUE);
  private static final OpensslDevice OPENSSL = new OpensslDevice("-tls1", "ALL");
  private static final Pattern CERTIFICATE =
      Pattern.compile("(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)", Pattern.DOTALL);

  private static Daemon daemon;
  private static JsseOrigin origin;
  private static String yaml;
  private static Path exported;

  @BeforeAll
  static void start() {
    LocalDate lastDay = LocalDate.now(ZoneId.systemDefault()).plusDays(30);
    TestCa ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::agreement);
    yaml = LISTENERS.formatted(origin.byName(), lastDay, ca.file());
    daemon = Daemon.start(lab, yaml);
    exported = lab.directory("exported");
    Stream.of("weak", "bare", "curved")
        .forEach(name -> command("export", "--to", exported.toString(), "--listener", name));
  }

  private static Run command(String name, String... options) {
    List<String> all = new ArrayList<>(List.of("ca", name));
    all.addAll(List.of(options));
    all.addAll(List.of("--config", Daemon.config(daemon.folder()).toString()));
    return CommandLineRun.of(all.toArray(String[]::new)).succeeded();
  }

  /** In a process of its own, because it relaxes the Java runtime as the daemon does. */
  private static Run check() {
    String config = Daemon.config(daemon.folder()).toString();
    return Run.of(Daemon.jar("check", "--config", config)).succeeded();
  }

  private static Way way(String listener, Path trusted) {
    return Way.fixed(daemon, listener, origin.byName()).trusting(trusted);
  }

  private static Path authority(String listener) {
    return exported.resolve("tls-uplift-ca-" + listener + ".pem");
  }

  private static String text(Path certificate) {
    return Run.of(
            List.of(
                Peers.require("openssl"), "x509", "-noout", "-text", "-in", certificate.toString()))
        .succeeded()
        .output();
  }

  private static Stream<Arguments> devices() {
    return Stream.concat(
        Stream.of("weak", "bare")
            .flatMap(
                listener ->
                    Stream.of(
                            // by the JDK
                            new NodeDevice("0.10", "SSLv3_method", "RC4-SHA"),
                            new NodeDevice("0.8", "TLSv1_method", "DES-CBC3-SHA"),
                            new NssDevice(lab, "ssl3", "0005"),
                            // by BoringSSL
                            new NodeDevice("0.8", "TLSv1_method", "AES128-SHA"),
                            new NodeDevice("0.12", "TLSv1_method", "DEFAULT"),
                            new NssDevice(lab, "tls1.0", "C013"),
                            OPENSSL,
                            new OpensslDevice("-tls1_2", "ECDHE"))
                        .map(device -> Arguments.of(device, listener))),
        Stream.of(
                new NodeDevice("0.10", "TLSv1_method", "ECDHE-ECDSA-RC4-SHA"),
                new NodeDevice("0.12", "TLSv1_method", "DEFAULT"),
                OPENSSL)
            .map(device -> Arguments.of(device, "curved")));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("devices")
  void areVerifiedByDevicesThatTrustNothingElse(Device device, String listener) {
    Device.Visit visit = device.visit(way(listener, authority(listener)));
    assertThat(visit.run().output()).contains(Conversations.answer("localhost"));
  }

  @Test
  void haveTheConfiguredForm() {
    for (String listener : List.of("weak", "bare")) {
      String shown = OPENSSL.visit(way(listener, authority(listener))).run().output();
      assertThat(shown).contains("Server public key is 1024 bit", "Verified peername: localhost");
      Path leaf = lab.file("leaf.pem", new Run("", 0, shown).find(CERTIFICATE));
      for (Path certificate : List.of(leaf, authority(listener))) {
        assertThat(text(certificate))
            .contains("Signature Algorithm: sha1WithRSAEncryption", "Public-Key: (1024 bit)")
            .contains(listener.equals("bare") ? "Version: 1 (0x0)" : "Version: 3 (0x2)")
            .doesNotContain("Key Usage", "Name Constraints", "Key Identifier");
      }
      assertThat(text(leaf)).contains("Subject: CN=localhost");
    }
  }

  @Test
  void areRefusedByDevicesThatTrustTheMainAuthority() {
    int mark = daemon.mark();
    for (Device device :
        List.of(
            new NodeDevice("0.10", "SSLv3_method", "RC4-SHA"),
            new NssDevice(lab, "ssl3", "0005"),
            OPENSSL)) {
      assertThat(device.attempt(way("weak", daemon.authority())).exit()).isNotZero();
    }
    assertThat(
            daemon.awaitSessionLine(mark, "listener", "weak", "handshake", "certificate_rejected"))
        .contains("'tls-uplift ca export --listener weak'");
  }

  @Test
  void onlyTheirListenersPresentThem() {
    for (String other : List.of("legacy", "plain")) {
      Device device = new OpensslDevice("-tls1", OldDevice.ECDHE);
      String shown = device.visit(way(other, daemon.authority())).run().output();
      assertThat(shown).contains("Server public key is 2048 bit");
      assertThat(text(lab.file("leaf.pem", new Run("", 0, shown).find(CERTIFICATE))))
          .contains("sha256WithRSAEncryption", "X509v3 Key Usage: critical");
      assertThat(OPENSSL.attempt(way(other, authority("weak"))).exit()).isNotZero();
    }
    assertThat(OPENSSL.attempt(way("bare", authority("weak"))).exit()).isNotZero();
    assertThat(text(daemon.authority())).contains("sha256WithRSAEncryption", "(2048 bit)");
  }

  @Test
  void areSignedByTheSameAuthorityAfterARestart() {
    try (Child again = Daemon.run(daemon.folder(), yaml)) {
      again.awaitOutput(Pattern.compile("(?m)\\bready *$"));
      assertThat(again.output()).doesNotContain("creating a");
    }
  }

  @Test
  void commandsAndMetricsShowThem() {
    assertThat(command("show").output())
        .contains("signs        for the listener weak", "signs        for the listener bare")
        .contains("RSA-1024, signed with SHA1withRSA", "EC-P256, signed with SHA256withECDSA");
    assertThat(command("export", "--to", exported.toString()).output())
        .contains("the listener weak has its own CA");
    assertThat(check().output())
        .contains("with its own certificates (RSA-1024, SHA1, names: one, extensions: minimal)")
        .contains("certificate authority of listener weak: ")
        .contains("listeners[0].certificate.keyAlgorithm: 'RSA-1024' keys can be computed");
    Metrics metrics = daemon.metrics();
    assertThat(metrics.sum("tlsuplift_listener_ca_certificate_expiry_seconds", "listener", "weak"))
        .isBetween(
            metrics.sum("tlsuplift_antique_listener_expiry_seconds", "listener", "weak"),
            metrics.sum("tlsuplift_ca_certificate_expiry_seconds"));
  }
}
