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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.TestAuthority;

/** A session under one certificate does not resume under another, for example that of a weak CA. */
class DeviceResumptionTest {
  private static final TestAuthority WEAK =
      TestAuthority.ofListener("web", KeyAlgorithm.RSA_1024, SignatureHash.SHA1, Extensions.NONE);
  private static final TestAuthority COMMON = TestAuthority.create();

  private final List<X509Certificate> seen = new ArrayList<>();

  @AutoClose
  private final TlsContexts contexts =
      new TlsContexts(OriginTrust.of(List.of(COMMON.certificate())), TlsVersion.TLS_1_3);

  private static Leaf leaf(TestAuthority authority, String name) {
    return authority.source().leafFor(List.of(name)).toCompletableFuture().join();
  }

  @Test
  void resumesUnderTheSameCaOnly() throws Exception {
    Leaf weak = leaf(WEAK, "localhost");
    Leaf common = leaf(COMMON, "localhost");
    SslContext device = device("TLSv1.1");
    for (Leaf shown : List.of(weak, weak, common)) {
      handshake(device, shown);
    }
    // Only a full handshake has a certificate.
    assertThat(seen).containsExactly(weak.chain().get(0), common.chain().get(0));
  }

  /** Two CAs may have one name, and may give their leaves the same serial number. */
  @Test
  void theAliasOfALeafIsThatOfItsChain() {
    Leaf one = leaf(COMMON, "localhost");
    Leaf other = leaf(TestAuthority.create(), "localhost");
    assertThat(Leaf.of("localhost", one.chain(), one.key()).alias()).isEqualTo(one.alias());
    assertThat(Leaf.of("localhost", other.chain(), other.key()).alias())
        .startsWith("localhost#")
        .isNotEqualTo(one.alias());
  }

  /** A device without SNI could reach another origin without seeing its certificate. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.1", "TLSv1.2"})
  void resumesUnderTheSameNameOnly(String version) throws Exception {
    Leaf one = leaf(COMMON, "localhost");
    Leaf other = leaf(COMMON, "other.example.test");
    SslContext device = device(version);
    for (Leaf shown : List.of(one, one, other)) {
      handshake(device, shown);
    }
    assertThat(seen).containsExactly(one.chain().get(0), other.chain().get(0));
  }

  private SslContext device(String version) throws Exception {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL)
        .protocols(version)
        .ciphers(List.of("TLS_RSA_WITH_AES_128_CBC_SHA"))
        .trustManager(new Seeing())
        .endpointIdentificationAlgorithm(null)
        .option(OpenSslContextOption.USE_TASKS, false)
        .build();
  }

  private void handshake(SslContext device, Leaf shown) throws Exception {
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

  /** Trusts every certificate and records it. */
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
