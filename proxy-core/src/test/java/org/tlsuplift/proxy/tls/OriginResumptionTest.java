package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSessionContext;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.TlsVersion;

/** A verified session with an origin is resumed, whatever the highest version is. */
class OriginResumptionTest {
  private static final String NAME = "mail.contoso.example";
  private static final SelfTestCertificate ORIGIN =
      ProvenOriginsTest.certificate(new GeneralName(GeneralName.dNSName, NAME));

  private final SslContext origin = origin();

  private static SslContext origin() {
    try {
      SslContext origin =
          SslContextBuilder.forServer(ORIGIN.key().getPrivate(), ORIGIN.certificate())
              .sslProvider(SslProvider.OPENSSL)
              .protocols("TLSv1.2")
              .option(OpenSslContextOption.USE_TASKS, false)
              .build();
      ((OpenSslServerSessionContext) origin.sessionContext()).setTicketKeys();
      return origin;
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private boolean isVerifiedAgain(TlsContexts contexts, String name) throws Exception {
    return contexts.hasVerified(connected(contexts, name));
  }

  private SslHandler connected(TlsContexts contexts, String name) throws Exception {
    SslHandler handler =
        contexts.originate(
            UnpooledByteBufAllocator.DEFAULT,
            null,
            name,
            443,
            List.of(),
            null,
            Duration.ofSeconds(5));
    InMemoryHandshake.run(handler.engine(), origin.newEngine(UnpooledByteBufAllocator.DEFAULT));
    return handler;
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void resumesASessionOfTls12(TlsVersion maximum) throws Exception {
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(ORIGIN.certificate())), maximum)) {
      assertThat(isVerifiedAgain(contexts, NAME)).isTrue();
      assertThat(isVerifiedAgain(contexts, NAME)).isFalse();
    }
  }

  /** A session contains the certificates of its origin, so Netty's 20,480 take 100 MiB. */
  @Test
  void boundsTheSessionsInNumberAndAge() throws Exception {
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(ORIGIN.certificate())), TlsVersion.TLS_1_3)) {
      SSLSessionContext sessions =
          connected(contexts, NAME).engine().getSession().getSessionContext();
      assertThat(sessions.getSessionCacheSize()).isEqualTo(1024);
      assertThat(sessions.getSessionTimeout()).isEqualTo(300);
    }
  }

  @Test
  void anotherConfigurationResumesNothing() throws Exception {
    for (int each = 0; each < 2; each++) {
      try (TlsContexts contexts =
          new TlsContexts(OriginTrust.of(List.of(ORIGIN.certificate())), TlsVersion.TLS_1_2)) {
        assertThat(isVerifiedAgain(contexts, NAME)).isTrue();
      }
    }
  }
}
