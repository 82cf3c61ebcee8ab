package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.tls.failure.OriginFailures;

/** An origin without a single name is also verified: first the chain, then the proof. */
class ProvenOriginsTest {
  private static final SelfTestCertificate ORIGIN =
      certificate(new GeneralName(GeneralName.dNSName, "mail.contoso.example"));

  /** A self-signed certificate with these names in addition to its common name. */
  static SelfTestCertificate certificate(GeneralName... names) {
    Issuer own =
        Issuer.selfSigned(
            Issuer.newKey(),
            "CN=mail.contoso.example",
            Instant.now().plus(Duration.ofHours(1)),
            names.length == 0 ? new Part[0] : new Part[] {Part.names(names)});
    return new SelfTestCertificate(own.key(), own.certificate());
  }

  private static TlsContexts contexts(SelfTestCertificate trusted) {
    return new TlsContexts(OriginTrust.of(List.of(trusted.certificate())), TlsVersion.TLS_1_3);
  }

  private static SSLEngine originator(TlsContexts contexts, OriginProof proof) {
    SslHandler handler =
        contexts.originate(
            UnpooledByteBufAllocator.DEFAULT,
            proof,
            "203.0.113.10",
            443,
            List.of(),
            null,
            Duration.ofSeconds(5));
    return handler.engine();
  }

  private static SSLEngine server(SelfTestCertificate shown, String... versions) throws Exception {
    return ServerEngine.of(
        SslContextBuilder.forServer(shown.key().getPrivate(), shown.certificate())
            .protocols(versions));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void acceptsATrustedAndProvenOrigin(String version) throws Exception {
    InMemoryHandshake.run(
        originator(
            contexts(ORIGIN),
            names ->
                names.hosts().equals(List.of("mail.contoso.example"))
                    ? Optional.empty()
                    : Optional.of(Explanation.of("another"))),
        server(ORIGIN, version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void refusesATrustedButUnprovenOrigin(String version) {
    Throwable refusal =
        catchThrowable(
            () ->
                InMemoryHandshake.run(
                    originator(
                        contexts(ORIGIN),
                        names -> Optional.of(Explanation.of("it is for " + names))),
                    server(ORIGIN, version)));
    OriginFailures failure = OriginFailures.of(refusal);
    assertThat(failure.reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
    assertThat(failure.why().text()).isEqualTo("it is for mail.contoso.example");
  }

  @Test
  void asksForNoProofOfAnUntrustedOrigin() {
    AtomicInteger asked = new AtomicInteger();
    Throwable refusal =
        catchThrowable(
            () ->
                InMemoryHandshake.run(
                    originator(
                        contexts(
                            certificate(
                                new GeneralName(GeneralName.dNSName, "mail.contoso.example"))),
                        names -> {
                          asked.incrementAndGet();
                          return Optional.empty();
                        }),
                    server(ORIGIN, "TLSv1.2")));
    assertThat(OriginFailures.of(refusal).reason())
        .isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
    assertThat(asked).hasValue(0);
  }

  /** Each proof applies only to its own handshake, although they share a context. */
  @Test
  void checksEachOriginAgainstItsOwnProof() throws Exception {
    TlsContexts contexts = contexts(ORIGIN);
    SSLEngine strict = originator(contexts, names -> Optional.of(Explanation.of("never")));
    SSLEngine lenient = originator(contexts, names -> Optional.empty());
    InMemoryHandshake.run(lenient, server(ORIGIN, "TLSv1.3"));
    assertThatThrownBy(() -> InMemoryHandshake.run(strict, server(ORIGIN, "TLSv1.3")))
        .hasStackTraceContaining("never");
    // A session with another proof is not resumed either.
    SSLEngine again = originator(contexts, names -> Optional.of(Explanation.of("not again")));
    assertThatThrownBy(() -> InMemoryHandshake.run(again, server(ORIGIN, "TLSv1.3")))
        .hasStackTraceContaining("not again");
  }

  @Test
  void refusesAnOriginWithoutARequiredProof() throws Exception {
    ProvenOrigins origins = new ProvenOrigins(OriginTrust.of(List.of(ORIGIN.certificate())));
    X509Certificate[] chain = {ORIGIN.certificate()};
    assertThatThrownBy(() -> origins.checkServerTrusted(chain, "UNKNOWN"))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> origins.checkServerTrusted(chain, "UNKNOWN", (java.net.Socket) null))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(() -> origins.checkClientTrusted(chain, "UNKNOWN"))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(
            () -> origins.checkServerTrusted(chain, "UNKNOWN", server(ORIGIN, "TLSv1.2")))
        .isInstanceOf(CertificateException.class);
  }
}
