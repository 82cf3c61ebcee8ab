package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;
import org.tlsuplift.proxy.tls.hello.AlertTap;
import org.tlsuplift.proxy.tls.rsa.RsaLibraries;

/** Devices cannot see which library uses the RSA key. */
class DeviceRsaTest {
  private static final String NAME = "scan.example";

  private final RsaLibraries library = RsaLibraries.any();

  private static SelfTestCertificate certificate(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return SelfTestCertificate.of(NAME, generator.generateKeyPair());
  }

  private static Leaf leaf(SelfTestCertificate certificate) {
    KeyPair key = certificate.key();
    return Leaf.of(NAME, List.of(certificate.certificate()), key.getPrivate());
  }

  private static TlsVersion version(String label) {
    return List.of(TlsVersion.values()).stream()
        .filter(each -> each.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  private TlsContexts contexts() {
    return new TlsContexts(OriginTrust.system(), TlsVersion.TLS_1_3, true, null, library.rsa());
  }

  private static SSLEngine server(TlsContexts contexts, TlsPolicy policy, Leaf leaf) {
    return contexts
        .terminate(UnpooledByteBufAllocator.DEFAULT, policy, null, leaf, Duration.ofSeconds(5))
        .engine();
  }

  private static void handshake(
      SelfTestCertificate certificate, TlsContexts contexts, TlsVersion version, String suite)
      throws Exception {
    List<String> suites =
        version == TlsVersion.TLS_1_3 ? TlsProfile.TLS_1_3_SUITES : List.of(suite);
    SslContext device =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols(version.label())
            .ciphers(suites)
            .endpointIdentificationAlgorithm(null)
            .trustManager(certificate.certificate())
            .option(OpenSslContextOption.USE_TASKS, false)
            .build();
    try {
      InMemoryHandshake.run(
          device.newEngine(UnpooledByteBufAllocator.DEFAULT),
          server(
              contexts,
              new TlsPolicy(TlsEngine.BORINGSSL, List.of(version), suites),
              leaf(certificate)));
    } finally {
      ReferenceCountUtil.release(device);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, 2048",
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA, 2048",
    "TLSv1.1, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, 1024",
    "TLSv1.1, TLS_RSA_WITH_AES_256_CBC_SHA, 1024",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 2048",
    "TLSv1.2, TLS_RSA_WITH_AES_128_GCM_SHA256, 3072",
    "TLSv1.3, TLS_AES_128_GCM_SHA256, 2048"
  })
  void handshakesUseTheLibrary(String version, String suite, int bits) throws Exception {
    TlsVersion offered = version(version);
    SelfTestCertificate certificate = certificate("RSA", bits);
    try (TlsContexts contexts = contexts()) {
      handshake(certificate, contexts, offered, suite);
      assertThat(library.operations()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, rsa routines:sign:digest too big",
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA, rsa routines:decrypt:data too large",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, rsa routines:sign:digest too big",
    "TLSv1.3, TLS_AES_128_GCM_SHA256, rsa routines:sign:digest too big"
  })
  void explainsAnOperationThatFails(String version, String suite, String text) throws Exception {
    SelfTestCertificate certificate = certificate("RSA", 2048);
    try (TlsContexts contexts =
        new TlsContexts(
            OriginTrust.system(), TlsVersion.TLS_1_3, true, null, RsaLibraries.refusing().rsa())) {
      assertThatThrownBy(() -> handshake(certificate, contexts, version(version), suite))
          .extracting(failed -> DeviceFailures.of(failed, new AlertTap()))
          .satisfies(
              failure -> {
                assertThat(failure.outcome()).isEqualTo(HandshakeOutcome.PROTOCOL_ERROR);
                assertThat(failure.cause())
                    .startsWith("an operation with the certificate's key failed: error:02")
                    .endsWith(text);
              });
    }
  }

  @Test
  void ellipticKeysStayWithBoringSsl() throws Exception {
    try (TlsContexts contexts = contexts()) {
      handshake(
          certificate("EC", 256),
          contexts,
          TlsVersion.TLS_1_0,
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    }
    assertThat(library.operations()).isZero();
    assertThat(library.keysInUse()).isZero();
  }

  @Test
  void certificatesShareTheCopyOfTheirKey() throws Exception {
    SelfTestCertificate first = certificate("RSA", 1024);
    SelfTestCertificate second = SelfTestCertificate.of("copier.example", first.key());
    try (TlsContexts contexts = contexts()) {
      String suite = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
      handshake(first, contexts, TlsVersion.TLS_1_0, suite);
      handshake(second, contexts, TlsVersion.TLS_1_0, suite);
      assertThat(library.keysInUse()).isEqualTo(1);
    }
    assertThat(library.operations()).isEqualTo(2);
  }

  @Test
  void copiesOfKeysAreFreedWithTheirCertificates() throws Exception {
    TlsContexts contexts = contexts();
    for (int replaced = 0; replaced < 20; replaced++) {
      handshake(
          certificate("RSA", 512), contexts, TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA");
    }
    contexts.close();
    await()
        .until(
            () -> {
              System.gc();
              return library.keysInUse() == 0;
            });
  }
}
