package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Statements;
import org.tlsuplift.proxy.tls.failure.OriginFailures;

/** A stapled response is verified in the handshake, and required if the certificate requires it. */
class StaplesTest {
  private static final String NAME = "mail.contoso.example";
  private static final Issuer ROOT = Issuer.root("Root");
  private static final Issuer SUB = ROOT.intermediate("Sub");
  private static final Issuer LEAF = SUB.issue("x", Part.names(NAME));
  private static final Issuer DEMANDING = SUB.issue("x", Part.names(NAME), Part.mustStaple());

  private static void handshake(String version, Issuer leaf, byte @Nullable [] staple)
      throws Exception {
    TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(ROOT.certificate())), TlsVersion.TLS_1_3);
    SslHandler origin =
        contexts.originate(
            UnpooledByteBufAllocator.DEFAULT,
            null,
            NAME,
            443,
            List.of(),
            null,
            Duration.ofSeconds(5));
    X509Certificate[] chain = {leaf.certificate(), SUB.certificate()};
    ReferenceCountedOpenSslEngine server =
        (ReferenceCountedOpenSslEngine)
            ServerEngine.of(
                SslContextBuilder.forServer(leaf.key().getPrivate(), chain)
                    .protocols(version)
                    .enableOcsp(true));
    if (staple != null) {
      server.setOcspResponse(staple);
    }
    InMemoryHandshake.run(origin.engine(), server);
  }

  private static OriginFailures refusal(String version, Issuer leaf, byte @Nullable [] staple) {
    Throwable thrown = catchThrowable(() -> handshake(version, leaf, staple));
    assertThat(thrown).as("the handshake must fail").isNotNull();
    return OriginFailures.of(thrown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void acceptsAGoodResponseAndNoResponse(String version) throws Exception {
    handshake(version, LEAF, Statements.of(SUB).good(LEAF.certificate()));
    handshake(version, LEAF, null);
    handshake(version, DEMANDING, Statements.of(SUB).good(DEMANDING.certificate()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void refusesARevokedCertificate(String version) {
    assertThat(refusal(version, LEAF, Statements.of(SUB).revoked(LEAF.certificate())))
        .isEqualTo(
            new OriginFailures(
                CloseReason.ORIGIN_CERTIFICATE_REVOKED,
                Explanation.of(
                    "the origin's certificate was revoked (2026-03-04T05:06:07Z, key compromise)"),
                RevocationCheck.REVOKED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void refusesAResponseThatProvesNothing(String version) {
    Instant past = Instant.now().minus(Duration.ofDays(1));
    Statements issuer = Statements.of(SUB);
    X509Certificate leaf = LEAF.certificate();
    Stream.of(
            issuer.by(Issuer.root("Sub")).good(leaf),
            issuer.at(past, past).good(leaf),
            issuer.good(DEMANDING.certificate()),
            issuer.unknown(leaf),
            Statements.tryLater(),
            new byte[] {1, 2, 3})
        .forEach(
            staple -> {
              OriginFailures failure = refusal(version, LEAF, staple);
              assertThat(failure.reason()).isEqualTo(CloseReason.ORIGIN_REVOCATION_UNKNOWN);
              assertThat(failure.revocation()).isEqualTo(RevocationCheck.STAPLE_INVALID);
              assertThat(failure.why().text())
                  .startsWith("the origin's stapled OCSP response ")
                  .endsWith("repair or disable OCSP stapling on the origin");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void demandsAResponseWhereTheCertificateDoes(String version) {
    OriginFailures failure = refusal(version, DEMANDING, null);
    assertThat(failure.reason()).isEqualTo(CloseReason.ORIGIN_REVOCATION_UNKNOWN);
    assertThat(failure.revocation()).isEqualTo(RevocationCheck.STAPLE_MISSING);
    assertThat(failure.why().text())
        .contains("requires a stapled OCSP response, but the origin sent none");
  }
}
