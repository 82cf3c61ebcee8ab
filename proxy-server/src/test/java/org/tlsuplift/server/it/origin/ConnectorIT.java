package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;

/** A device of 1999 reaches {@code openssl s_server} that demands a client certificate. */
class ConnectorIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "AES128-SHA");
  private static final ClientAuthority CLIENTS = ClientAuthority.create();

  private static TestCa ca;
  private static Daemon daemon;
  private static String tls12;
  private static String tls13;
  private static String strict12;
  private static String strict13;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    Path ours = lab.file("clients.pem", TestCa.pem(CLIENTS.certificate()));
    Path others = lab.file("others.pem", TestCa.pem(ClientAuthority.create().certificate()));
    tls12 = origin("-tls1_2", ours);
    tls13 = origin("-tls1_3", ours);
    strict12 = origin("-tls1_2", others);
    strict13 = origin("-tls1_3", others);
    ClientAuthority.Issued rsa = CLIENTS.issue("RSA", "rsa.example.test");
    ClientAuthority.Issued ec = CLIENTS.issue("EC", "ec.example.test");
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - to: ["%s", "%s"]
                action: bridge
                clientCertificate: {certificate: "%s", key: "%s"}
              - to: ["%s", "%s"]
                action: bridge
                clientCertificate: {certificate: "%s", key: "%s"}
            upstream: {trust: "%s"}
            """
                .formatted(
                    tls12,
                    strict13,
                    lab.file("rsa.pem", rsa.certificatePem()),
                    lab.file("rsa.key", rsa.keyPem()),
                    tls13,
                    strict12,
                    lab.file("ec.pem", ec.certificatePem()),
                    lab.file("ec.key", ec.keyPem()),
                    ca.file()));
  }

  /** One that takes certificates of these issuers only; gives its name and port. */
  private static String origin(String version, Path issuers) {
    Identity identity = ca.issue("localhost");
    int port = Loopback.freePort(Loopback.V4);
    Child server =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(
                        Peers.require("openssl"),
                        "s_server",
                        "-accept",
                        "127.0.0.1:" + port,
                        version,
                        "-www",
                        "-cert",
                        identity.certificateFile().toString(),
                        "-key",
                        identity.keyFile().toString(),
                        "-Verify",
                        "1",
                        "-verify_return_error",
                        "-CAfile",
                        issuers.toString()))));
    await(server + " listens")
        .atMost(Duration.ofSeconds(15))
        .failFast(() -> !server.isAlive())
        .until(() -> server.output().contains("ACCEPT"));
    return "localhost:" + port;
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ec"})
  void openSslAcceptsTheClientCertificate(String key) {
    Device.Visit visit = OLD.visit(Way.connect(daemon, "web", key.equals("rsa") ? tls12 : tls13));
    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(visit.run().output())
        .contains(key.equals("rsa") ? "TLSv1.2" : "TLSv1.3")
        .containsPattern("Client certificate\\s")
        .containsPattern("Subject: CN ?= ?" + key + "\\.example\\.test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void explainsThatOpenSslRefusesIt(String version) {
    String to = version.equals("TLSv1.2") ? strict12 : strict13;
    int mark = daemon.mark();
    Run run = OLD.attempt(Way.connect(daemon, "web", to));
    assertThat(run.output()).doesNotContain("Client certificate");
    assertThat(daemon.awaitSessionLine(mark, "reason", "origin_handshake_failed", "target", to))
        .contains("the origin refuses the client certificate")
        .contains("unknown_ca")
        .contains("'clientCertificate'");
  }
}
