package org.tlsuplift.proxy.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/** The JDK's settings are relaxed only as far as the antique profile needs. */
class RelaxedRuntimeTest {
  /** The output of a process that relaxed its runtime before the first use of TLS. */
  private static List<String> relaxed = List.of();

  @TempDir Path directory;

  @BeforeAll
  static void relax() throws Exception {
    relaxed = run(List.of());
  }

  @Test
  void enablesOnlyTheAlgorithmsOfTheProfile() throws Exception {
    assertThat(relaxed).contains("missing []", "upstream strict");
    assertThat(relaxed.stream().filter(line -> line.startsWith("default ")))
        .hasSize(4)
        .allSatisfy(
            line ->
                assertThat(line)
                    .doesNotContainPattern("SSLv|TLSv1[,\\]]|TLSv1\\.1|RC4|DES|_RSA_WITH_AES_.*CBC")
                    .doesNotContain(" TLS_RSA_", "DHE_DSS", "TLS_DHE"));
    assertThat(line(relaxed, "supported "))
        .contains("SSL_RSA_WITH_RC4_128_MD5", "SSL_RSA_WITH_DES_CBC_SHA")
        .doesNotContain("EXPORT", "anon", "NULL", "TLS_ECDH_");
    assertThat(line(relaxed, "certpath "))
        .isEqualTo("certpath " + Security.getProperty("jdk.certpath.disabledAlgorithms"));
  }

  /** The legacy profile does not need a relaxed runtime. */
  @Test
  void legacyProfileNeedsNoRelaxedRuntime() throws Exception {
    List<String> lines = run(List.of(), "unrelaxed");
    assertThat(line(lines, "missing ")).isEqualTo("missing []");
    assertThat(line(lines, "disabled ")).contains("TLSv1.1", "RC4", "TLS_RSA_*");
  }

  /** A device may support only this suite. */
  @Test
  void includesEverySuiteOfTheEngines() throws Exception {
    List<String> suites =
        Stream.concat(
                Stream.of(line(relaxed, "supported ").split("[^A-Z0-9a-z_]+", -1)),
                OpenSsl.availableJavaCipherSuites().stream())
            .map(CipherSuites::canonical)
            .toList();
    assertThat(suites)
        .filteredOn(suite -> suite.matches("TLS_((EC)?DHE_)?RSA_WITH_.*|TLS_(AES|CHACHA).*"))
        .hasSizeGreaterThan(30)
        .isSubsetOf(LegacyTls.ANTIQUE.cipherSuites());
    assertThat(suites)
        .filteredOn(suite -> suite.matches("TLS_ECDHE_ECDSA_WITH_.*|TLS_(AES|CHACHA).*"))
        .hasSizeGreaterThan(15)
        .isSubsetOf(LegacyTls.ANTIQUE_ECDSA.cipherSuites());
  }

  @Test
  void reportsMissingAlgorithmsIfItRunsTooLate() throws Exception {
    assertThat(line(run(List.of(), "late"), "missing "))
        .contains("SSLv3 (JDK)", "TLSv1 (JDK)", "TLS_RSA_WITH_RC4_128_SHA (JDK, TLSv1.2)");
  }

  /** A Java runtime as administrators and distributions harden it. */
  @Test
  void reportsWhatTheRuntimeDisables() throws Exception {
    Path hardened =
        Files.writeString(
            directory.resolve("hardened.security"),
            """
            jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, RC4_128, DES, 3DES_EDE_CBC, \
              TLS_DHE_*, DH keySize < 2048, RSA keySize < 2048, anon, NULL
            """);
    List<String> lines = run(List.of("-Djava.security.properties=" + hardened));
    assertThat(line(lines, "missing "))
        .contains(
            "TLS_RSA_WITH_RC4_128_SHA (JDK, TLSv1.2, TLSv1.1, TLSv1)",
            "TLS_RSA_WITH_RC4_128_MD5 (JDK, SSLv3)",
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA (JDK, SSLv3)",
            "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA (JDK, TLSv1.2, TLSv1.1, TLSv1)")
        .doesNotContain("BoringSSL", "TLS_RSA_WITH_3DES", "SSLv3 (JDK)");
    assertThat(lines).contains("disabled [RC4_128, TLS_DHE_*]");
  }

  @Test
  void removesOnlyTheNeededAlgorithmsFromTheList() {
    assertThat(
            RelaxedRuntime.relaxed(
                "SSLv3, TLSv1,TLSv1.1, DTLSv1.0, RC4, DES, MD5withRSA, DH keySize < 1024,"
                    + " EC keySize < 224, 3DES_EDE_CBC, anon, NULL, ECDH, TLS_RSA_*,"
                    + " rsa_pkcs1_sha1 usage HandshakeSignature,"
                    + " ecdsa_sha1 usage HandshakeSignature"))
        .isEqualTo(
            "DTLSv1.0, RC4_40, DES40_CBC, MD5withRSA, DH keySize < 1024, EC keySize < 224, anon,"
                + " NULL, ECDH, ecdsa_sha1 usage HandshakeSignature");
  }

  private static String line(List<String> lines, String beginning) {
    return lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
  }

  private static List<String> run(List<String> options, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Antique.class.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), US_ASCII).lines().toList();
    assertThat(process.waitFor()).isZero();
    return lines;
  }
}
