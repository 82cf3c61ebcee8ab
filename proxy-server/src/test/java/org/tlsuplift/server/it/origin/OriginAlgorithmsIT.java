package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

/**
 * Origins on {@code openssl s_server} that demand what BoringSSL does not offer, or a certificate.
 */
class OriginAlgorithmsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "AES128-SHA");

  private static TestCa ca;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(ca.file()));
  }

  /** Starts one that ends with the lab; gives its name and port. */
  private static String origin(Path certificate, Path key, List<String> options) {
    int port = Loopback.freePort(Loopback.V4);
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.require("openssl"),
                "s_server",
                "-www",
                "-accept",
                "127.0.0.1:" + port,
                "-cert",
                certificate.toString(),
                "-key",
                key.toString()));
    command.addAll(options);
    lab.add(Child.start(new ProcessBuilder(command))).awaitOutput(Pattern.compile("ACCEPT"));
    return "localhost:" + port;
  }

  private static String failure(String origin) {
    int mark = daemon.mark();
    Run run = OLD.attempt(Way.connect(daemon, "web", origin));
    assertThat(run.output()).doesNotContain("s_server");
    return daemon.awaitSessionLine(mark, "reason", "origin_handshake_failed", "target", origin);
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, ''",
    "ed448, ''",
    "ec -pkeyopt ec_paramgen_curve:P-521, -tls1_3",
    "rsa-pss -pkeyopt rsa_keygen_bits:2048, ''",
    "rsa:2048, -tls1_2 -cipher ECDHE-RSA-AES128-SHA256",
    "rsa:2048, -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256",
    "rsa:2048, -groups X448",
    "rsa:2048, -tls1_3 -groups ffdhe2048",
  })
  void reportsUnsupportedAlgorithmsAndNotAClientCertificate(String key, String options) {
    Path folder = lab.directory("origin");
    Path certificate = folder.resolve("origin.pem");
    Path keyFile = folder.resolve("origin.key");
    List<String> request =
        new ArrayList<>(
            List.of(
                Peers.require("openssl"),
                "req",
                "-x509",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                keyFile.toString(),
                "-out",
                certificate.toString(),
                "-newkey"));
    request.addAll(List.of(key.split(" ")));
    Run.of(request).succeeded();
    String origin =
        origin(certificate, keyFile, options.isEmpty() ? List.of() : List.of(options.split(" ")));
    assertThat(failure(origin))
        .contains(
            "no offered cipher suite, group or signature",
            "; on the origin, use an RSA or P-256 key and ECDHE with AES-GCM")
        .doesNotContain("clientCertificate");
  }

  @ParameterizedTest
  @CsvSource({"-tls1_2", "-tls1_3"})
  void reportsAMissingClientCertificate(String version) {
    Identity identity = ca.issue("localhost");
    String origin =
        origin(
            identity.certificateFile(),
            identity.keyFile(),
            List.of(version, "-Verify", "1", "-CAfile", ca.file().toString()));
    assertThat(failure(origin))
        .contains("the origin requires a client certificate", "'clientCertificate'")
        .doesNotContain("no offered cipher suite, group or signature");
  }
}
