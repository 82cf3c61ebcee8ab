package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * Origins on {@code openssl s_server} that demand what BoringSSL does not offer, or a certificate.
 */
class OriginAlgorithmsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OLD = new OpensslDevice("-tls1", "AES128-SHA");

  private static TestCa ca;
  private static Path accessLog;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    accessLog = lab.directory("log").resolve("access.log");
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            upstream: {trust: "%s"}
            accessLog: {file: "%s", format: json}
            """
                .formatted(ca.file(), accessLog));
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

  /** Writes the table of the manual: the groups of an origin, and what it agrees to. */
  @Test
  void agreesToTheGroupsInTheTableOfTheManual() throws IOException {
    Identity certificate = ca.issue("localhost");
    StringBuilder table =
        new StringBuilder("| TLS | groups of the origin | agreed group |\n|---|---|---|\n");
    for (String options :
        List.of(
            "-tls1_3",
            "-tls1_3 -groups X25519MLKEM768",
            "-tls1_3 -groups X25519",
            "-tls1_3 -groups P-256",
            "-tls1_3 -groups P-384",
            "-tls1_3 -groups P-521",
            "-tls1_3 -groups SecP256r1MLKEM768",
            "-tls1_3 -groups X448",
            "-tls1_3 -groups ffdhe2048",
            "-tls1_2",
            "-tls1_2 -groups P-256")) {
      String[] words = options.split(" ");
      String origin = origin(certificate.certificateFile(), certificate.keyFile(), List.of(words));
      OLD.attempt(Way.connect(daemon, "web", origin));
      table.append(
          "| %s | %s | %s |\n"
              .formatted(
                  words[0].equals("-tls1_3") ? "1.3" : "1.2",
                  words.length == 1 ? "those of OpenSSL 3.5" : words[2],
                  agreedGroup(origin)));
    }
    String page = Files.readString(GeneratedPage.MANUAL.resolve("handshake-matrix.md"));
    int from = page.indexOf("| TLS | groups of the origin");
    int to = page.indexOf("\n\n", from);
    GeneratedPage.check(
        "handshake-matrix",
        page.substring(0, from) + table + page.substring(to + 1),
        OriginAlgorithmsIT.class);
  }

  private static String agreedGroup(String origin) {
    return Awaitility.await()
        .until(
            () ->
                Files.readAllLines(accessLog).stream()
                    .filter(line -> line.contains('"' + origin + '"'))
                    .map(
                        line -> {
                          Matcher group = Pattern.compile("\"group\":\"([^\"]+)\"").matcher(line);
                          return group.find() ? group.group(1) : "refused";
                        })
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }
}
