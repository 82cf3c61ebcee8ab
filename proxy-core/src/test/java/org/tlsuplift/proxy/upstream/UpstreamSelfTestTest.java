package org.tlsuplift.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.SelfTestCertificate;
import org.tlsuplift.proxy.tls.TlsContexts;

/** The self-test accepts the real contexts, and fails for each way in which they could be lax. */
class UpstreamSelfTestTest {
  private static UpstreamSelfTest.Originator lax(
      TrustManager trust, String identification, String... protocols) {
    try {
      SslContext context =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.OPENSSL)
              .protocols(protocols)
              .trustManager(trust)
              .endpointIdentificationAlgorithm(identification)
              .option(OpenSslContextOption.USE_TASKS, false)
              .build();
      return name -> context.newHandler(UnpooledByteBufAllocator.DEFAULT, name, 443).engine();
    } catch (SSLException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void acceptsTheConfigurationOfTheProxy(TlsVersion maximum) {
    assertThatNoException().isThrownBy(() -> UpstreamSelfTest.run(maximum));
  }

  @ParameterizedTest
  @EnumSource(names = {"SSL_2", "SSL_3", "TLS_1_0", "TLS_1_1"})
  void contextsRefuseAMaximumBelowTheFloor(TlsVersion maximum) {
    assertThatThrownBy(() -> new TlsContexts(OriginTrust.system(), maximum))
        .hasMessageContaining("floor");
  }

  @Test
  void stopsContextsThatOfferTls11() {
    assertThatThrownBy(
            () ->
                UpstreamSelfTest.run(
                    TlsVersion.TLS_1_3,
                    trust -> lax(trust.chains(), "HTTPS", "TLSv1.1", "TLSv1.2", "TLSv1.3")))
        .hasMessageContaining("self-test failed")
        .hasMessageContaining("an origin that chooses TLSv1.1: got success");
  }

  @Test
  void stopsContextsThatOfferOtherVersionsThanConfigured() {
    assertThatThrownBy(
            () ->
                UpstreamSelfTest.run(
                    TlsVersion.TLS_1_3, trust -> lax(trust.chains(), "HTTPS", "TLSv1.2")))
        .hasMessageContaining("got [TLSv1.2]; expected [TLSv1.2, TLSv1.3]");
  }

  @Test
  void stopsContextsThatAcceptAnyHostName() {
    assertThatThrownBy(
            () ->
                UpstreamSelfTest.run(
                    TlsVersion.TLS_1_3, trust -> lax(trust.chains(), "", "TLSv1.2", "TLSv1.3")))
        .hasMessageContaining("other.uplift.invalid")
        .hasMessageContaining("got success");
  }

  @Test
  void stopsContextsThatTrustAnyIssuer() {
    assertThatThrownBy(
            () ->
                UpstreamSelfTest.run(
                    TlsVersion.TLS_1_3,
                    trust ->
                        lax(
                            InsecureTrustManagerFactory.INSTANCE.getTrustManagers()[0],
                            "HTTPS",
                            "TLSv1.2",
                            "TLSv1.3")))
        .hasMessageContaining("got success; expected origin_certificate_invalid");
  }

  @Test
  void stopsContextsThatReachNothing() {
    // Otherwise a broken TLS library that refuses everything would look strict.
    assertThatThrownBy(
            () -> {
              OriginTrust stranger =
                  OriginTrust.of(
                      java.util.List.of(SelfTestCertificate.of("x.invalid").certificate()));
              UpstreamSelfTest.run(
                  TlsVersion.TLS_1_3,
                  trust -> lax(stranger.chains(), "HTTPS", "TLSv1.2", "TLSv1.3"));
            })
        .hasMessageContaining("expected success");
  }
}
