package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.tls.failure.OriginFailures;

/** The requirements for an origin's certificate and chain, and the reports of violations. */
class OriginCertificateTest {
  private static final String NAME = "mail.contoso.example";
  private static final Issuer ROOT = Issuer.root("Root");
  private static final Issuer SUB = ROOT.intermediate("Sub");

  /** The two ways in which an origin is verified. */
  private enum Way {
    NAMED,
    BY_PROOF;

    SSLEngine originate(TlsContexts contexts) {
      Duration timeout = Duration.ofSeconds(5);
      UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
      SslHandler handler =
          switch (this) {
            case NAMED -> contexts.originate(allocator, null, NAME, 443, List.of(), null, timeout);
            case BY_PROOF ->
                contexts.originate(
                    allocator,
                    names ->
                        names.covers(NAME)
                            ? Optional.empty()
                            : Optional.of(Explanation.of("for " + names)),
                    "203.0.113.10",
                    443,
                    List.of(),
                    null,
                    timeout);
          };
      return handler.engine();
    }
  }

  private static void handshake(Way way, Issuer leaf, Issuer... others) throws Exception {
    X509Certificate[] chain =
        Stream.concat(Stream.of(leaf), Stream.of(others))
            .map(Issuer::certificate)
            .toArray(X509Certificate[]::new);
    TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(ROOT.certificate())), TlsVersion.TLS_1_3);
    SSLEngine server = ServerEngine.of(SslContextBuilder.forServer(leaf.key().getPrivate(), chain));
    InMemoryHandshake.run(way.originate(contexts), server);
  }

  private static String refusal(Way way, Issuer leaf, Issuer... others) {
    Throwable thrown = catchThrowable(() -> handshake(way, leaf, others));
    assertThat(thrown).as("the handshake must fail").isNotNull();
    OriginFailures failure = OriginFailures.of(thrown);
    assertThat(failure.reason())
        .as(failure.why().text())
        .isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
    assertThat(failure.why().text()).hasSizeLessThan(280).doesNotContain("\n");
    return failure.why().text();
  }

  /** The refusal of a chain in the wrong order, which no Netty server would send. */
  private static String disordered(Issuer... shown) {
    OriginTrust trust = OriginTrust.of(List.of(ROOT.certificate()));
    X509Certificate[] chain =
        Stream.of(shown).map(Issuer::certificate).toArray(X509Certificate[]::new);
    assertThatThrownBy(() -> trust.chains().checkServerTrusted(chain, "ECDHE_ECDSA"))
        .isInstanceOf(CertificateException.class);
    return trust.faults().explain(List.of(chain)).orElseThrow().text();
  }

  @ParameterizedTest
  @EnumSource
  void acceptsAChainWhoseIntermediateMayVouchForServers(Way way) throws Exception {
    handshake(way, SUB.issue("x", Part.names(NAME)), SUB);
    Issuer servers =
        ROOT.intermediate(
            "Servers", Part.usages(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth));
    handshake(way, servers.issue("x", Part.names(NAME)), servers);
    Issuer any = ROOT.intermediate("Any", Part.usages(KeyPurposeId.anyExtendedKeyUsage));
    handshake(way, any.issue("x", Part.names(NAME)), any);
  }

  @ParameterizedTest
  @EnumSource
  void refusesAnIntermediateThatIsForSomethingElse(Way way) {
    Issuer mail = ROOT.intermediate("Mail", Part.usages(KeyPurposeId.id_kp_emailProtection));
    Issuer leaf = mail.issue("x", Part.names(NAME), Part.usages(KeyPurposeId.id_kp_serverAuth));
    assertThat(refusal(way, leaf, mail))
        .contains("intermediate certificate CN=Mail", "may not issue TLS server certificates");
    // Another CA without constraints between them changes nothing.
    Issuer below = mail.intermediate("Below");
    assertThat(refusal(way, below.issue("x", Part.names(NAME)), below, mail)).contains("CN=Mail");
    // A chain that the JDK must order first changes nothing.
    assertThat(disordered(below.issue("x", Part.names(NAME)), mail, below)).contains("CN=Mail");
  }

  @ParameterizedTest
  @EnumSource
  void ignoresTheCommonName(Way way) {
    assertThat(refusal(way, SUB.issue(NAME), SUB))
        .contains(way == Way.NAMED ? "has no host name in its subjectAltName" : "no name");
  }

  /** The JDK adds the common name to the parsed names of a certificate below name constraints. */
  @ParameterizedTest
  @EnumSource
  void ignoresTheCommonNameBelowNameConstraints(Way way) {
    Issuer limited = ROOT.intermediate("Limited", Part.excluding("fabrikam.example"));
    Issuer address =
        limited.issue(NAME, Part.names(new GeneralName(GeneralName.iPAddress, "192.0.2.1")));
    for (int handshake = 0; handshake < 2; handshake++) {
      assertThat(refusal(way, address, limited)).contains("192.0.2.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"mail.*.example", "*ail.contoso.example", "m*.contoso.example", "*.example"})
  void acceptsAWildcardOnlyAsTheWholeLeftmostLabel(String name) {
    for (Way way : Way.values()) {
      assertThat(refusal(way, SUB.issue("x", Part.names(name)), SUB)).contains("no");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wildcardMatchesOneLabel(Way way) throws Exception {
    handshake(way, SUB.issue("x", Part.names("*.contoso.example")), SUB);
  }

  @Test
  void listsTheNamesOfTheCertificate() {
    assertThat(refusal(Way.NAMED, SUB.issue("x", Part.names("a.example", "b.example")), SUB))
        .isEqualTo(
            "the origin's certificate is not for mail.contoso.example; check the origin's name"
                + " here, or have that name added to the certificate; the certificate is for a.example,"
                + " b.example");
  }

  @ParameterizedTest
  @EnumSource
  void isBriefAboutACertificateOfThousands(Way way) {
    String[] many =
        IntStream.range(0, 2000).mapToObj(i -> "host" + i + ".example").toArray(String[]::new);
    assertThat(refusal(way, SUB.issue("x", Part.names(many)), SUB)).contains(" more");
  }

  @Test
  void reportsAMissingIntermediate() {
    Issuer leaf = SUB.issue("x", Part.names(NAME), Part.issuerAt("http://ca.example/sub.crt"));
    assertThat(refusal(Way.NAMED, leaf))
        .isEqualTo(
            "the origin does not send the intermediate certificate CN=Sub; install the full chain"
                + " on the origin; the intermediate certificate is at http://ca.example/sub.crt");
    assertThat(refusal(Way.NAMED, SUB.issue("x", Part.names(NAME))))
        .contains(
            "issuer is untrusted and not sent: CN=Sub", "install the full chain on the origin")
        .contains("or add your root to upstream.trust");
  }

  @Test
  void namesTheUntrustedRoot() {
    Issuer other = Issuer.root("Other Root");
    assertThat(refusal(Way.NAMED, other.issue("x", Part.names(NAME)), other))
        .contains("an untrusted root: CN=Other Root", "upstream.trust");
    assertThat(refusal(Way.NAMED, Issuer.root("x", Part.names(NAME))))
        .contains("self-signed", "upstream.trust");
  }

  @ParameterizedTest
  @EnumSource
  void reportsAViolatedNameConstraint(Way way) {
    Issuer limited = ROOT.intermediate("Limited", Part.excluding("contoso.example"));
    Issuer leaf = limited.issue("x", Part.names(NAME));
    Issuer below = limited.intermediate("Below");
    Issuer deep = below.issue("x", Part.names(NAME));
    assertThat(List.of(refusal(way, leaf, limited), disordered(deep, limited, below)))
        .allSatisfy(
            text ->
                assertThat(text)
                    .contains("name constraints", "another CA")
                    .doesNotContain("upstream.trust"));
  }

  @Test
  void namesTheRootThatDoesNotAllowTheChain() {
    Issuer limited = Issuer.root("Limited", Part.excluding("contoso.example"));
    Issuer below = limited.intermediate("Below");
    Issuer zero = Issuer.root("Zero", Part.ca(0));
    Issuer more = zero.intermediate("More");
    Issuer clients = Issuer.root("Clients", Part.usages(KeyPurposeId.id_kp_clientAuth));
    assertThat(explained(limited, below.issue("x", Part.names(NAME)), below))
        .isEqualTo(
            "the trusted root CN=Limited does not allow the origin's chain: its name constraints"
                + " exclude a name of the certificate CN=x; have the origin's certificate issued by"
                + " another CA, or replace the root in upstream.trust");
    assertThat(explained(zero, more.issue("x", Part.names(NAME)), more))
        .contains("CN=Zero", "its path length allows 0 CAs below it, but the origin sends 1");
    // The origin sends another certificate of the root.
    Issuer unlimited = Issuer.root(limited.key(), "Limited");
    assertThat(explained(limited, below.issue("x", Part.names(NAME)), below, unlimited))
        .contains("the trusted root CN=Limited does not allow", "name constraints");
    assertThat(explained(clients, clients.issue("x", Part.names(NAME))))
        .contains("CN=Clients", "its extended key usage excludes TLS servers");
  }

  private static String explained(Issuer root, Issuer... shown) {
    return OriginTrust.of(List.of(root.certificate()))
        .faults()
        .explain(Stream.of(shown).map(Issuer::certificate).toList())
        .orElseThrow()
        .text();
  }

  /** The JDK would compare each with each on the event loop, like x509-limbo's "nc-dos". */
  @ParameterizedTest
  @EnumSource
  void refusesThousandsOfNamesAndConstraints(Way way) {
    GeneralName[] names =
        IntStream.range(0, 1500)
            .mapToObj(i -> new GeneralName(GeneralName.dNSName, "host" + i + ".example"))
            .toArray(GeneralName[]::new);
    Issuer limited = ROOT.intermediate("Limited", Part.constraints(List.of(), List.of(names)));
    assertThat(refusal(way, limited.issue("x", Part.names(names)), limited))
        .startsWith("the origin's certificates have too many names and name constraints");
  }

  @Test
  void reportsAnExpiredCertificate() {
    Instant past = Instant.parse("2026-01-02T03:04:05Z");
    // The certificate starts at most two hours ago and has expired.
    assertThat(refusal(Way.NAMED, SUB.issue("x", past, Part.names(NAME)), SUB))
        .startsWith(
            "the origin's certificate has expired (2026-01-02T03:04:05Z); renew it on the origin");
  }

  @Test
  void trustsAnOriginsOwnCertificateThatIsAnAnchor() {
    Issuer own = Issuer.root("x", Part.names(NAME));
    TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(own.certificate())), TlsVersion.TLS_1_3);
    assertThatNoException()
        .isThrownBy(
            () ->
                InMemoryHandshake.run(
                    Way.NAMED.originate(contexts),
                    ServerEngine.of(
                        SslContextBuilder.forServer(own.key().getPrivate(), own.certificate()))));
  }
}
