package org.tlsuplift.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.TestAuthority;

/** The demonstration itself, and that it would not lie. */
class DemoTest {
  private static final DemoDevice OLD = DemoDevice.all().get(0);
  private static final TestAuthority LOCAL = TestAuthority.create();
  private static final TestAuthority ORIGIN = TestAuthority.create();

  @Test
  void upgradesEveryOldDeviceAndShowsBothSides() throws Exception {
    long before = leftovers();
    List<String> lines = new ArrayList<>();

    new Demo(lines::add).run();

    String text = String.join("\n", lines);
    assertThat(text)
        .containsPattern("device   TLSv1 +\\|    \\| origin   TLSv1\\.2 ")
        .containsPattern("device   TLSv1\\.1 +\\|    \\| origin   TLSv1\\.2 ")
        .containsPattern("issuer   TLS Uplift local CA .*\\| issuer   Demo origin CA, verified")
        .contains("tunnelled, not opened")
        .containsPattern("1  web +TLSv1 +TLS_RSA_WITH_AES_128_CBC_SHA")
        .containsPattern("1  fixed +TLSv1 +TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA")
        .containsPattern("4  TLSv1\\.2 +completed")
        .contains("Every upgrade succeeded");
    assertThat(lines).allMatch(line -> line.length() <= 100);
    assertThat(leftovers()).isEqualTo(before);
  }

  @Test
  void reportsADeviceThatWasNotUpgraded() {
    assertThat(exchange("TLSv1.1 TLS_RSA_WITH_AES_128_CBC_SHA", LOCAL).faults(local(), origin()))
        .singleElement()
        .asString()
        .contains("printer", "TLSv1.1", "instead of TLSv1.2");
  }

  @Test
  void reportsACertificateOfTheWrongIssuer() {
    assertThat(exchange("TLSv1.2 X", ORIGIN).faults(local(), origin()))
        .singleElement()
        .asString()
        .contains("got a certificate from");
  }

  @Test
  void findsNoFaultInARealUpgrade() {
    assertThat(exchange("TLSv1.2 X", LOCAL).faults(local(), origin())).isEmpty();
  }

  @Test
  void reportsCountersThatDoNotAgree() {
    String metrics =
        """
        # TYPE tlsuplift_legacy_handshakes_total counter
        tlsuplift_legacy_handshakes_total{cipher="none",listener="web",protocol="TLSv1"} 0.0
        tlsuplift_legacy_handshakes_total{cipher="X",listener="web",protocol="TLSv1"} 2.0
        """;
    List<CountedSeries> legacy = CountedSeries.of(metrics, "tlsuplift_legacy_handshakes_total");

    assertThat(legacy).singleElement().extracting(CountedSeries::value).isEqualTo(2.0);
    assertThat(new DemoCounts(legacy, List.of(), List.of()).faults(List.of(OLD)))
        .contains(
            "/metrics counts 2.0 legacy handshakes instead of 1",
            "/metrics counts 0.0 legacy handshakes like the printer's instead of 1",
            "/metrics counts 0.0 bridged sessions instead of 1");
  }

  private static DemoExchange exchange(String originSays, TestAuthority issuer) {
    return new DemoExchange(
        OLD,
        new org.tlsuplift.proxy.model.TlsParameters(OLD.version(), OLD.cipherSuite(), null),
        issuer.source().leafFor(List.of("localhost")).toCompletableFuture().join().chain().get(0),
        originSays);
  }

  private static java.security.cert.X509Certificate local() {
    return LOCAL.certificate();
  }

  private static java.security.cert.X509Certificate origin() {
    return ORIGIN.certificate();
  }

  private static long leftovers() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(each -> each.getFileName().toString().startsWith("tls-uplift-demo-"))
          .count();
    }
  }
}
