package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.server.authority.CaExport;

/** What {@code probe} tells of real origins. */
class ProbeCommandTest {
  private static final TestAuthority CA = TestAuthority.create();

  @TempDir Path directory;

  private CommandRun probe(String target) throws Exception {
    Path roots = directory.resolve("roots.pem");
    CaExport.write(CA.certificate(), CaExport.Format.PEM, roots);
    String config = Configs.write(directory, "upstream: {trust: '" + roots + "'}");
    return CommandRun.of("probe", target, "-c", config);
  }

  @Test
  void showsTheAgreedTlsOfAnOrigin() throws Exception {
    try (Origin origin =
        Origin.start(CA.serving("localhost"), socket -> {}, List.of("h2"), "TLSv1.2")) {
      CommandRun run = probe(origin.as("localhost").toString());
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out())
          .contains("route     allowed")
          .containsPattern(
              "address   127\\.0\\.0\\.1: TLSv1\\.2, TLS_ECDHE_RSA_WITH_AES_\\w+, ALPN h2")
          .contains("issuer     " + CA.certificate().getSubjectX500Principal())
          .contains("names      localhost");
    }
  }

  @Test
  void usesTheUpstreamProxyOfTheRoute() throws Exception {
    try (Origin origin = Origin.start(CA.serving("localhost"), socket -> {}, "TLSv1.2");
        Uplift proxy = new Uplift(new Uplift.Settings(), TestAuthority.create(), CA)) {
      Path roots = directory.resolve("roots.pem");
      CaExport.write(CA.certificate(), CaExport.Format.PEM, roots);
      String via = "http://127.0.0.1:" + proxy.web().getPort();
      String config =
          Configs.write(directory, "upstream: {trust: '" + roots + "', via: '" + via + "'}");
      CommandRun run = CommandRun.of("probe", origin.as("localhost").toString(), "-c", config);
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out())
          .contains("through   " + via + ", which resolves the name")
          .containsPattern("address   localhost: TLSv1\\.2, ")
          .contains("names      localhost");
      assertThat(proxy.observer.opened).hasValue(1);
    }
  }

  @Test
  void showsTheCertificateThatItRefuses() throws Exception {
    TestAuthority stranger = TestAuthority.create();
    try (Origin origin = Origin.start(stranger.serving("localhost"), socket -> {}, "TLSv1.2")) {
      CommandRun run = probe(origin.as("localhost").toString());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out())
          .contains("127.0.0.1: FAILED (origin_certificate_invalid)")
          .contains("issuer     " + stranger.certificate().getSubjectX500Principal());
      assertThat(run.err()).contains("no address works").hasLineCount(1);
    }
  }

  /**
   * BoringSSL offers no signature with P-521 in TLS 1.3, so the origin refuses before it shows it.
   */
  @Test
  void showsTheKeyOfAnOriginThatSharesNoSignature() throws Exception {
    Issuer key =
        Issuer.selfSigned(
            Issuer.newKey("EC", new ECGenParameterSpec("secp521r1")),
            "CN=localhost",
            Instant.now().plus(Duration.ofHours(1)),
            Part.names("localhost"));
    try (Origin origin = Origin.start(key.serving(), socket -> {}, "TLSv1.3")) {
      CommandRun run = probe(origin.as("localhost").toString());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out())
          .contains("FAILED (origin_handshake_failed)", "its key may be P-521")
          .contains("certificate  CN=localhost", "key        EC-P521");
    }
  }

  @Test
  void escapesControlCharacters() throws Exception {
    Issuer stranger =
        Issuer.root("stranger").issue("a\u001b[31m", Part.names("localhost", "b\u001b[32m\nc"));
    try (Origin origin = Origin.start(stranger.serving(), socket -> {}, "TLSv1.2")) {
      CommandRun run = probe(origin.as("localhost").toString());
      assertThat(run.out())
          .contains("FAILED (origin_certificate_invalid)")
          .contains("names      localhost, b\\x1b[32m\\nc (of the first)")
          .doesNotContain("\u001b");
      assertThat(run.err()).doesNotContain("\u001b");
    }
  }

  @Test
  void refusesAnOriginWithTheWrongName() throws Exception {
    try (Origin origin = Origin.start(CA.serving("other.example.test"), socket -> {}, "TLSv1.2")) {
      CommandRun run = probe(origin.as("localhost").toString());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out()).contains("FAILED (origin_certificate_invalid)", "other.example.test");
    }
  }

  @Test
  void reportsAnUnreachableOrigin() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    CommandRun run = probe("localhost:" + port);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("FAILED (origin_unreachable)", "refused");
  }

  @Test
  void refusesAnAddressThatTheDaemonWouldRefuse() throws Exception {
    try (Origin origin = Origin.start(CA.serving("localhost"), socket -> {}, "TLSv1.2")) {
      String target = origin.as("localhost").toString();
      Path config = Path.of(Configs.write(directory));
      Files.writeString(
          config, Files.readString(config).replace("localhost:1024-65535", "*:1024-65535"));
      CommandRun run = CommandRun.of("probe", target, "-c", config.toString());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out())
          .contains("route     allowed")
          .contains(
              "address   127.0.0.1: FAILED (origin_address_refused): " + target + ": its address")
          .contains("its address 127.0.0.1 is loopback; if wanted, name it in")
          .doesNotContain("certificate");
    }
  }

  @Test
  void failsForAReachableOriginWithoutARoute() throws Exception {
    try (Origin origin = Origin.start(CA.serving("127.0.0.1"), socket -> {}, "TLSv1.3")) {
      CommandRun run = probe(origin.as("127.0.0.1").toString());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out()).contains("route     no route allows", "TLSv1.3");
      assertThat(run.err()).contains("no route allows");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a_b!:443", "localhost:0", "localhost:x", "a:b:c", "https://localhost"})
  void refusesInvalidTargets(String target) throws Exception {
    CommandRun run = probe(target);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'" + target + "' is ", "HOST:PORT");
  }
}
