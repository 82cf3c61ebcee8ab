package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/**
 * Old stacks that trust only the CA of a company verify the certificate that the company issued for
 * a listener. They never see a CA of this program.
 */
class ListenerCertificateIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OPENSSL = new OpensslDevice("-tls1", "ALL");

  private static TestCa company;
  private static JsseOrigin origin;
  private static Path certificate;
  private static Path key;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    TestCa origins = new TestCa(lab);
    company = new TestCa(lab, "The company");
    origin = JsseOrigin.start(lab, origins.issue("localhost"), Conversations::agreement);
    Path folder = lab.directory("own");
    certificate = folder.resolve("own.pem");
    key = folder.resolve("own.key");
    store(company.ending("localhost", "uplift.corp.example"));
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: own, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy, certificate: {certificate: "%3$s", key: "%4$s"}}
              - {name: plain, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
            routes:
              - {to: ["localhost:*"], action: bridge, whenModern: bridge}
            upstream: {trust: "%2$s"}
            """
                .formatted(origin.byName(), origins.file(), certificate, key));
  }

  private static void store(Identity identity) throws Exception {
    Path next = Files.copy(identity.keyFile(), key.resolveSibling("next.key"));
    Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
    Files.move(next, key, StandardCopyOption.ATOMIC_MOVE);
    Files.copy(identity.certificateFile(), certificate, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Way way(String listener, Path trusted) {
    return Way.fixed(daemon, listener, origin.byName()).trusting(trusted);
  }

  private static Stream<Device> devices() {
    return Stream.of(
        new NodeDevice("0.8", "TLSv1_method", "AES128-SHA"),
        new NodeDevice("0.12", "TLSv1_method", "DEFAULT"),
        new NssDevice(lab, "tls1.0", "C013"),
        OPENSSL,
        new OpensslDevice("-tls1_2", "ECDHE"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("devices")
  void isVerifiedByDevicesThatTrustTheCompanyAlone(Device device) {
    assertThat(device.visit(way("own", company.file())).run().output())
        .contains(Conversations.answer("localhost"));
  }

  @Test
  void onlyItsListenerPresentsItAndOnlyItsIssuerVerifiesIt() {
    assertThat(OPENSSL.attempt(way("own", daemon.authority())).exit()).isNotZero();
    assertThat(OPENSSL.attempt(way("plain", company.file())).exit()).isNotZero();
    OPENSSL.visit(way("plain", daemon.authority()));
  }

  @Test
  void aDeviceThatAsksForAnotherNameIsRefused() {
    int mark = daemon.mark();
    Run run = openssl("mail.corp.example", "");
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(run.output()).contains("alert number 112");
    assertThat(
            daemon.awaitSessionLine(mark, "listener", "own", "reason", "certificate_unavailable"))
        .contains("the listener's certificate is not for mail.corp.example");
    assertThat(openssl("uplift.corp.example", "Q\n").output()).contains("CN=localhost");
  }

  /** OpenSSL with an SNI. */
  private static Run openssl(String serverName, String input) {
    return Run.of(
        List.of(
            Peers.require("openssl"),
            "s_client",
            "-connect",
            Loopback.text(daemon.listener("own")),
            "-servername",
            serverName,
            "-CAfile",
            company.file().toString()),
        Map.of(),
        input);
  }

  @Test
  void aReplacedCertificateIsPresentedWithoutARestart() throws Exception {
    int mark = daemon.mark();
    Identity next = company.ending("localhost", "uplift.corp.example", "renewed.corp.example");
    store(next);
    await()
        .atMost(Duration.ofSeconds(70))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                daemon
                    .output()
                    .substring(mark)
                    .contains("certificate of the listener own loaded: CN=localhost, expires "));
    Run shown = openssl("renewed.corp.example", "Q\n");
    assertThat(shown.output()).contains("CN=localhost").doesNotContain("alert number 112");
  }

  @Test
  void pagesMetricsAndCheckShowItsExpiry() {
    assertThat(
            daemon
                .metrics()
                .sum("tlsuplift_listener_certificate_expiry_seconds", "listener", "own"))
        .isGreaterThan(System.currentTimeMillis() / 1000);
    assertThat(Metrics.get(daemon.admin(), "/api/overview"))
        .contains("the certificate of the listener own");
    Run check =
        Run.of(Daemon.jar("check", "--config", Daemon.config(daemon.folder()).toString()))
            .succeeded();
    assertThat(check.output())
        .contains("with its own certificate")
        .contains("certificate of listener own: CN=localhost for localhost, uplift.corp.example")
        .contains("warning: the certificate of the listener own CN=localhost expires on ");
  }
}
