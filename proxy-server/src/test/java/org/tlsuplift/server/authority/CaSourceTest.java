package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.process.PemFile;

/** Where the certificate authority comes from, and what it may sign. */
class CaSourceTest {
  private static final String USER =
      "{name: operator, passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$zCQeQW1Q+3iHUn0vN2b4YmHmv3sVGTn4ZnGmN1WCpyY'}";

  @TempDir Path directory;

  private CaSource source(String to, String authority) throws InvalidConfigException {
    return source(directory.resolve("data"), to, authority);
  }

  private static CaSource source(Path data, String to, String authority)
      throws InvalidConfigException {
    return CaSource.common(config(data, to, authority));
  }

  private static ServerConfig config(Path data, String to, String authority)
      throws InvalidConfigException {
    String yaml =
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:443",
             profile: legacy, serverNames: [uplift.corp.test, 192.0.2.7]}
        routes:
          - {to: ["a.example", "%s"], action: bridge}
        certificateAuthority: {%s}
        """
            .formatted(data, to, authority);
    return ConfigLoader.parse(yaml, "test").config();
  }

  /** A newer endpoint list then needs no new CA. */
  @Test
  void aNewCaPermitsMicrosoftsOwnDomainsOfListedHosts() throws Exception {
    CaSource source = source("microsoft365", "keyAlgorithm: EC-P256");

    IssuingCa ca = source.open(line -> {});

    assertThat(ca.permits("smtp.office365.com")).isTrue();
    assertThat(ca.permits("a-later-host.office365.com")).isTrue();
    assertThat(ca.permits("a-later-host.cloud.microsoft")).isTrue();
    assertThat(ca.permits("a-later-host.microsoft.com")).isFalse();
    assertThat(ca.permits("a-later-host.live.com")).isFalse();
    assertThat(ca.permits("www.bing.com")).isFalse();
    assertThat(source.warnings(ca)).isEmpty();
  }

  @Test
  void confinesANewCaToRoutesAndServerNames() throws Exception {
    IssuingCa ca = source("*.b.example:443", "keyAlgorithm: EC-P256").open(line -> {});

    assertThat(ca.permits("a.example")).isTrue();
    assertThat(ca.permits("deep.in.b.example")).isTrue();
    assertThat(ca.permits("uplift.corp.test")).isTrue();
    assertThat(ca.permits("192.0.2.7")).isTrue();
    assertThat(ca.permits("c.example")).isFalse();
    assertThat(ca.permits("192.0.2.8")).isFalse();
  }

  @Test
  void permitsNamesOfThisMachineThatAreConfiguredLater() throws Exception {
    String plain =
        """
        dataDirectory: '%s'
        listeners:
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:443",
             profile: legacy%s}
        routes: [{to: ["a.example"], action: bridge}]
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "%s:0"%s}
        """;
    Path data = directory.resolve("data");
    ServerConfig before =
        ConfigLoader.parse(plain.formatted(data, "", "127.0.0.1", ""), "test").config();
    List<String> own = ThisMachine.names();
    assertThat(own).isNotEmpty();
    CaSource.common(before).open(line -> {});

    String names = ", serverNames: ['" + String.join("', '", own) + "']";
    CaSource later =
        CaSource.common(
            ConfigLoader.parse(
                    plain.formatted(
                        data, names, "0.0.0.0", names + ", tls: auto, users: [" + USER + "]"),
                    "test")
                .config());
    IssuingCa ca = later.find().orElseThrow();

    assertThat(own).allMatch(ca::permits);
    assertThat(later.warnings(ca)).isEmpty();
    assertThat(ca.permits("other.example")).isFalse();
    assertThat(ca.permits("203.0.113.9")).isFalse();
  }

  @Test
  void omitsConstraintsIfTheyAreDisabled() throws Exception {
    IssuingCa ca =
        source("b.example", "keyAlgorithm: EC-P256, nameConstraints: false").open(line -> {});
    assertThat(ca.nameConstraints()).isEmpty();
  }

  @Test
  void omitsConstraintsIfARouteAllowsEveryHost() throws Exception {
    CaSource source = source("*:443", "keyAlgorithm: EC-P256");
    IssuingCa ca = source.open(line -> {});
    assertThat(ca.nameConstraints()).isEmpty();
    assertThat(source.warnings(ca)).isEmpty();
  }

  @Test
  void warnsOfNamesThatAnOlderCaDoesNotCover() throws Exception {
    source("b.example", "keyAlgorithm: EC-P256").open(line -> {});

    CaSource later = source("c.example", "keyAlgorithm: EC-P256");
    List<String> warnings = later.warnings(later.find().orElseThrow());

    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("allow: c.example; ", "'tls-uplift ca stage'", "'tls-uplift ca activate'");
  }

  @Test
  void warnsIfTheCaWasCreatedWithOtherSettings() throws Exception {
    IssuingCa made = source("b.example", "keyAlgorithm: EC-P256").open(line -> {});
    assertThat(source("b.example", "keyAlgorithm: EC-P256").warnings(made)).isEmpty();
    assertThat(source("b.example", "signature: SHA384, nameConstraints: false").warnings(made))
        .containsExactly(
            "the CA "
                + directory.resolve("data/ca/ca.crt.pem")
                + " was created with other settings: keyAlgorithm EC-P256 (now RSA-2048), signature"
                + " SHA256 (now SHA384), name constraints some (now none); to use the current"
                + " settings, run 'tls-uplift ca stage', install the staged CA on the devices, and"
                + " run 'tls-uplift ca activate'");
  }

  @Test
  void warnsBeforeTheCaExpires() throws Exception {
    ServerConfig config = config(directory.resolve("data"), "b.example", "keyAlgorithm: EC-P256");
    IssuingCa ca = CaSource.common(config).open(line -> {});
    Instant later = ca.expiresAt().minus(Duration.ofDays(60));

    assertThat(new CommonCaSource(config, Clock.fixed(later, ZoneOffset.UTC)).warnings(ca))
        .singleElement()
        .asString()
        .contains("expires on " + ca.expiresAt() + ", in 60 days", "tls-uplift ca stage");

    CaSource.common(config).stage(line -> {});
    assertThat(new CommonCaSource(config, Clock.fixed(later, ZoneOffset.UTC)).warnings(ca))
        .as("with a staged CA")
        .singleElement()
        .asString()
        .endsWith(
            "certificates: install the staged CA on the devices, and run 'tls-uplift ca"
                + " activate'");
  }

  @Test
  void findCreatesNothing() throws Exception {
    assertThat(source("b.example", "").find()).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void aStagedCaSignsAfterItsActivation() throws Exception {
    CaSource source = source("b.example", "keyAlgorithm: EC-P256");
    IssuingCa old = source.open(line -> {});

    KeptCa staged = source.stage(line -> {});

    assertThat(source.open(line -> {}).certificate()).isEqualTo(old.certificate());
    assertThat(staged.ca().permits("deep.in.b.example")).isTrue();
    assertThat(staged.ca().permits("c.example")).isFalse();
    IssuingCa fresh = source.rotation().activate(line -> {});
    assertThat(fresh.certificate()).isEqualTo(staged.ca().certificate());
    assertThat(source.find().orElseThrow().certificate()).isEqualTo(fresh.certificate());
    assertThat(source.kept(KeptCa.Role.PREVIOUS).orElseThrow().ca().certificate())
        .isEqualTo(old.certificate());
  }

  @Test
  void remindsOfAPreviousKeyAfterAMonth() throws Exception {
    CaSource source = source("b.example", "keyAlgorithm: EC-P256");
    source.open(line -> {});
    assertThat(KeptCas.of(source)).isEqualTo(KeptCas.NONE);
    source.stage(line -> {});
    assertThat(KeptCas.of(source).notes(source, Instant.now()))
        .singleElement()
        .asString()
        .contains("does not sign yet: install it", "run 'tls-uplift ca activate'; SHA-256 ");
    source.rotation().activate(line -> {});
    KeptCas kept = KeptCas.of(source);
    Instant now = Instant.now();
    assertThat(kept.warnings(source, now)).isEmpty();
    assertThat(kept.notes(source, now))
        .singleElement()
        .asString()
        .contains("'tls-uplift ca undo' goes back", "'tls-uplift ca retire' erases");
    Instant later = now.plus(Duration.ofDays(31));
    assertThat(kept.notes(source, later)).isEmpty();
    assertThat(kept.warnings(source, later))
        .singleElement()
        .asString()
        .contains("the key of the previous CA", "31 days", "'tls-uplift ca retire'")
        .hasSizeLessThan(300);
  }

  @Test
  void usesACaOfAnEarlierReleaseAndNotesMissingLimits() throws Exception {
    CaSource source = source("b.example", "keyAlgorithm: EC-P256");
    IssuingCa made = source.open(line -> {});
    assertThat(source.notes(made)).isEmpty();
    CaExport.write(asBefore(made.certificate()), CaExport.Format.PEM, source.file());
    Path retired = source.file().resolveSibling("ca.key.20250101-000000.pem");
    Files.copy(source.file().resolveSibling("ca.key.pem"), retired);

    IssuingCa old = source.open(line -> {});

    assertThat(old.permits("a.example")).isTrue();
    assertThat(old.permits("c.example")).isFalse();
    assertThat(source.warnings(old)).isEmpty();
    assertThat(source.notes(old)).hasSize(2);
    assertThat(source.notes(old).get(0))
        .contains("to TLS servers (extended key usage), and to names without mail addresses")
        .contains(source.file() + " works without these limits")
        .hasSizeLessThan(300);
    assertThat(source.notes(old).get(1)).contains(retired.toString(), "'tls-uplift ca retire'");
    source.rotation().retire(line -> {});
    assertThat(source.notes(source.stage(line -> {}).ca())).isEmpty();
  }

  /** This certificate without the extensions that earlier releases lacked. */
  private X509Certificate asBefore(X509Certificate made) throws Exception {
    PrivateKey key = PemFile.read(directory.resolve("data/ca/ca.key.pem")).key(null);
    var builder =
        new JcaX509v3CertificateBuilder(
            made.getIssuerX500Principal(),
            made.getSerialNumber(),
            made.getNotBefore(),
            made.getNotAfter(),
            made.getSubjectX500Principal(),
            made.getPublicKey());
    for (ASN1ObjectIdentifier each :
        List.of(Extension.basicConstraints, Extension.keyUsage, Extension.subjectKeyIdentifier)) {
      builder.copyAndAddExtension(
          each, !each.equals(Extension.subjectKeyIdentifier), new JcaX509CertificateHolder(made));
    }
    GeneralSubtree[] permitted =
        Stream.of("a.example", "b.example", "uplift.corp.test")
            .map(name -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, name)))
            .toArray(GeneralSubtree[]::new);
    GeneralSubtree[] addresses = {
      new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "192.0.2.7/32"))
    };
    builder.addExtension(
        Extension.nameConstraints,
        true,
        new NameConstraints(
            Stream.of(permitted, addresses).flatMap(Stream::of).toArray(GeneralSubtree[]::new),
            null));
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  @Test
  void usesTheOperatorsOwnAndNeverStagesIt() throws Exception {
    Path made = directory.resolve("made");
    IssuingCa theirs = source(made, "b.example", "keyAlgorithm: EC-P256").open(line -> {});
    String files = "certificate: '%1$s/ca/ca.crt.pem', key: '%1$s/ca/ca.key.pem'".formatted(made);

    CaSource source = source("b.example", files);

    assertThat(source.file()).isEqualTo(made.resolve("ca/ca.crt.pem"));
    assertThat(source.open(line -> {}).certificate()).isEqualTo(theirs.certificate());
    assertThat(source.warnings(theirs)).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> source.stage(line -> {}))
        .withMessageContainingAll("your own CA", "replace the files, and run 'tls-uplift reload'");
    assertThatExceptionOfType(OperatorException.class).isThrownBy(source::rotation);
    assertThat(source.watched()).isEmpty();
    assertThat(KeptCas.of(source)).isEqualTo(KeptCas.NONE);
  }

  @Test
  void refusesAnEmptyPasswordFile() throws Exception {
    Path password = Files.createFile(directory.resolve("password"));
    Path pkcs12 = Files.createFile(directory.resolve("ca.p12"));
    CaSource source =
        source("b.example", "pkcs12: '%s', passwordFile: '%s'".formatted(pkcs12, password));

    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> source.open(line -> {}))
        .withMessageContaining(password + " is empty");
  }
}
