package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.session.TlsVersion;
import org.tlsuplift.proxy.testing.TestAuthority;

/** A session that began under the weak certificate of one CA does not go on under another's. */
class DeviceResumptionTest {
  private static final TestAuthority WEAK =
      TestAuthority.ofListener("web", KeyAlgorithm.RSA_1024, SignatureHash.SHA1, Extensions.NONE);
  private static final TestAuthority COMMON = TestAuthority.create();

  private final List<X509Certificate> seen = new ArrayList<>();
  private final TlsContexts contexts =
      new TlsContexts(OriginTrust.of(List.of(COMMON.certificate())), TlsVersion.TLS_1_3);

  private static Leaf leaf(TestAuthority authority) {
    return authority.source().leafFor(List.of("localhost")).toCompletableFuture().join();
  }

  @Test
  void resumesUnderTheSameCaOnly() throws Exception {
    Leaf weak = leaf(WEAK);
    Leaf common = leaf(COMMON);
    SslContext device =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.1")
            .ciphers(List.of("TLS_RSA_WITH_AES_128_CBC_SHA"))
            .trustManager(new Seeing())
            .endpointIdentificationAlgorithm(null)
            .option(OpenSslContextOption.USE_TASKS, false)
            .build();
    for (Leaf shown : List.of(weak, weak, common)) {
      InMemoryHandshake.run(
          device.newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 443),
          contexts
              .terminate(
                  UnpooledByteBufAllocator.DEFAULT,
                  LegacyTls.PROFILE.policies().get(0),
                  null,
                  shown,
                  Duration.ofSeconds(5))
              .engine());
    }
    // A certificate is seen in a whole handshake only.
    assertThat(seen).containsExactly(weak.chain().get(0), common.chain().get(0));
  }

  /** Trusts everybody and remembers whom. */
  private final class Seeing implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      seen.add(chain[0]);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
