package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafForm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.OpenSsl;

/** The CA of one listener: as weak as its devices need, with only those parts that they support. */
final class ListenerCaTest {
  private static final String LISTENER = "alarm_panels";

  @TempDir Path temp;

  private static CaSettings settings(
      KeyAlgorithm key, SignatureHash signature, Extensions extensions) {
    return settings(key, signature, extensions, Duration.ofDays(200));
  }

  private static CaSettings settings(
      KeyAlgorithm key, SignatureHash signature, Extensions extensions, Duration lifetime) {
    return new CaSettings(
        key,
        signature,
        extensions == Extensions.ALL,
        CaFixtures.NAMES,
        CaSettings.commonNameFor("print_server.corp.example", LISTENER),
        CaSettings.DEFAULT_VALID_FROM,
        lifetime,
        extensions);
  }

  private static CaSettings weak(Extensions extensions) {
    return settings(KeyAlgorithm.RSA_1024, SignatureHash.SHA1, extensions);
  }

  private CaStore store() {
    return CaStore.ofListener(directory(), LISTENER);
  }

  private Path directory() {
    return temp.resolve("listeners").resolve(LISTENER);
  }

  private static X509Certificate leaf(IssuingCa ca, CaSettings settings, String... names) {
    return new LocalCertificateAuthority(
            ca,
            new LeafSettings(
                settings.signature(),
                10,
                LeafSettings.ANTIQUE_LIFETIME,
                new LeafForm(settings.keyAlgorithm(), true, settings.extensions())),
            Runnable::run,
            () -> {})
        .leafFor(List.of(names))
        .toCompletableFuture()
        .join()
        .chain()
        .get(0);
  }

  @ParameterizedTest
  @EnumSource(
      value = Extensions.class,
      names = {"MINIMAL", "NONE"})
  void usesOnlyFeaturesThatOldDevicesUnderstand(Extensions extensions) throws Exception {
    CaSettings settings = weak(extensions);
    IssuingCa ca = store().open(settings, line -> {});
    X509Certificate leaf = leaf(ca, settings, "smtp.office365.com", "outlook.com");
    for (X509Certificate each : List.of(ca.certificate(), leaf)) {
      assertThat(each.getVersion()).isEqualTo(extensions == Extensions.NONE ? 1 : 3);
      assertThat(each.getSigAlgName()).isEqualTo("SHA1withRSA");
      assertThat(((RSAPublicKey) each.getPublicKey()).getModulus().bitLength()).isEqualTo(1024);
      assertThat(each.getSerialNumber().signum()).isPositive();
      assertThat(each.getSerialNumber().toByteArray()).hasSize(8);
      Certificate parsed = Certificate.getInstance(each.getEncoded());
      assertThat(parsed.getStartDate().toASN1Primitive()).isInstanceOf(ASN1UTCTime.class);
      assertThat(parsed.getEndDate().toASN1Primitive()).isInstanceOf(ASN1UTCTime.class);
      assertThat(values(parsed.getSubject())).isNotEmpty().allMatch(ListenerCaTest::isPrintable);
      assertThat(values(parsed.getIssuer())).isNotEmpty().allMatch(ListenerCaTest::isPrintable);
    }
    assertThat(ca.certificate().getSubjectX500Principal().toString())
        .contains("CN=TLS Uplift CA for listener alarm-panels on print-server.corp");
    assertThat(leaf.getSubjectX500Principal()).hasToString("CN=smtp.office365.com");
    if (extensions == Extensions.MINIMAL) {
      assertThat(ca.certificate().getCriticalExtensionOIDs()).containsExactly("2.5.29.19");
      assertThat(ca.certificate().getNonCriticalExtensionOIDs()).isEmpty();
      assertThat(leaf.getCriticalExtensionOIDs()).isEmpty();
      assertThat(leaf.getNonCriticalExtensionOIDs()).containsExactly("2.5.29.17");
      assertThat(leaf.getSubjectAlternativeNames())
          .containsExactly(List.of(2, "smtp.office365.com"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RSA_1024, SHA1, MINIMAL, (1024 bit), sha1WithRSAEncryption",
    "RSA_1024, SHA256, NONE, (1024 bit), sha256WithRSAEncryption",
    "RSA_2048, SHA1, ALL, (2048 bit), sha1WithRSAEncryption",
    "EC_P256, SHA1, MINIMAL, (256 bit), ecdsa-with-SHA1",
    "EC_P256, SHA256, NONE, (256 bit), ecdsa-with-SHA256",
  })
  void opensslReadsAndVerifiesIt(
      KeyAlgorithm key, SignatureHash hash, Extensions extensions, String bits, String signature)
      throws Exception {
    OpenSsl.require();
    CaSettings settings = settings(key, hash, extensions);
    IssuingCa ca = store().open(settings, line -> {});
    X509Certificate leaf = leaf(ca, settings, "smtp.office365.com", "outlook.com");
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf);
    for (String file : List.of("ca.pem", "leaf.pem")) {
      String text = OpenSsl.must(temp, "x509", "-in", file, "-noout", "-text");
      assertThat(text)
          .contains(bits, "Signature Algorithm: " + signature)
          .doesNotContain("outlook.com,", "CA Issuers", "CRL Distribution");
      assertThat(text.contains("X509v3 extensions")).isEqualTo(extensions != Extensions.NONE);
    }
    OpenSsl.must(
        temp,
        "verify",
        "-auth_level",
        "0",
        "-purpose",
        "sslserver",
        "-CAfile",
        "ca.pem",
        "-verify_hostname",
        "smtp.office365.com",
        "leaf.pem");
  }

  @Test
  void onlyADecryptingKeyHasKeyEncipherment() throws Exception {
    CaSettings settings = settings(KeyAlgorithm.EC_P256, SignatureHash.SHA256, Extensions.ALL);
    boolean[] usage =
        leaf(store().open(settings, line -> {}), settings, "outlook.com").getKeyUsage();
    assertThat(Arrays.copyOf(usage, 3)).containsExactly(true, false, false);
  }

  @Test
  void endsBefore2050() throws Exception {
    Clock clock = CaFixtures.at(Instant.parse("2045-06-01T00:00:00Z"));
    CaSettings settings =
        settings(
            KeyAlgorithm.RSA_1024, SignatureHash.SHA1, Extensions.MINIMAL, Duration.ofDays(4000));
    assertThat(
            new CaStore(directory(), Provenance.ofListener(LISTENER), clock)
                .open(settings, line -> {})
                .expiresAt())
        .isEqualTo("2049-12-31T23:59:59Z");
  }

  @Test
  void refusesANameThatIsTooLong() throws Exception {
    CaSettings settings = weak(Extensions.NONE);
    IssuingCa ca = store().open(settings, line -> {});
    String name = "a".repeat(60) + ".outlook.com";
    assertThatThrownBy(() -> leaf(ca, settings, name))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(name, "64 characters", "extensions to minimal");
  }

  @Test
  void isReadableByItsOwnerOnlyAndSurvivesARestart() throws Exception {
    List<String> progress = new ArrayList<>();
    IssuingCa made = store().open(weak(Extensions.NONE), progress::add);
    assertThat(progress.get(0))
        .contains("creating a certificate authority for the listener alarm_panels alone");
    assertThat(store().open(weak(Extensions.NONE), progress::add).certificate())
        .isEqualTo(made.certificate());
    assertThat(progress).hasSize(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(directory())) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void namesTheListenerOfABrokenCa() throws Exception {
    store().open(weak(Extensions.MINIMAL), line -> {});
    Path key = store().keyFile();
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> store().load())
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll("accessible to others", "chmod 600 " + key);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(key, "garbage");
    assertThatThrownBy(() -> store().load())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(key.toString());
    Files.delete(key);
    assertThatThrownBy(() -> store().load())
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(
            key + " is missing", "tls-uplift ca stage --listener alarm_panels");
  }

  @Test
  void noOtherCaMayBeAsWeak() throws Exception {
    Path other = temp.resolve("ca");
    for (CaSettings weak :
        List.of(
            settings(KeyAlgorithm.RSA_1024, SignatureHash.SHA256, Extensions.ALL),
            settings(KeyAlgorithm.RSA_2048, SignatureHash.SHA1, Extensions.ALL),
            settings(KeyAlgorithm.RSA_2048, SignatureHash.SHA256, Extensions.NONE))) {
      assertThatThrownBy(() -> new CaStore(other).open(weak, line -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a local certificate authority must not be weak");
      assertThat(new CaStore(other).exists()).isFalse();
      IssuingCa strong = CaFixtures.create(CaFixtures.quick(CaFixtures.NAMES));
      assertThatThrownBy(() -> leaf(strong, weak, "outlook.com"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must not sign weak leaves");
    }
    // Replacing the files of another listener's CA does not work either.
    store().open(weak(Extensions.ALL), line -> {});
    assertThatThrownBy(() -> new CaStore(directory()).load())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("RSA of 2048 bits or more");
  }

  private static List<Object> values(X500Name name) {
    return Arrays.stream(name.getRDNs())
        .<Object>map(part -> part.getFirst().getValue().toASN1Primitive())
        .toList();
  }

  private static boolean isPrintable(Object value) {
    return value instanceof DERPrintableString;
  }
}
