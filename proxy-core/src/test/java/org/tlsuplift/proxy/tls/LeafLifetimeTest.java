package org.tlsuplift.proxy.tls;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.tls.rsa.RsaLibraries;

/** A handshake finds its certificate, whatever the garbage collector has freed. */
class LeafLifetimeTest {
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final Leaf ISSUED =
      AUTHORITY.source().leafFor(List.of("localhost")).toCompletableFuture().join();

  /** What signs for the device. */
  enum Signer {
    BORINGSSL,
    LIBCRYPTO,
    JDK;

    DeviceRsa rsa() {
      return this == LIBCRYPTO ? RsaLibraries.any().rsa() : DeviceRsa.boringSsl();
    }

    TlsPolicy policy() {
      return this == JDK ? LegacyTls.JDK_DEFAULTS : TlsProfile.OWN_PAGES;
    }
  }

  /** Equal certificate and key, as if an operator's file was read again. */
  private static Leaf read() {
    return Leaf.of("localhost", ISSUED.chain(), ISSUED.key());
  }

  @ParameterizedTest
  @EnumSource(Signer.class)
  void servesACertificateThatWasReadAgain(Signer signer) throws Exception {
    try (TlsContexts contexts = contexts(signer)) {
      handshake(server(contexts, signer, read()));
      Leaf again = read();
      try {
        SSLEngine server = server(contexts, signer, again);
        collectGarbage();
        handshake(server);
      } finally {
        // A session holds its certificate.
        Reference.reachabilityFence(again);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Signer.class)
  void servesACertificateThatOnlyItsHandshakeUses(Signer signer) throws Exception {
    try (TlsContexts contexts = contexts(signer)) {
      SSLEngine server = server(contexts, signer, read());
      collectGarbage();
      handshake(server);
    }
  }

  private static TlsContexts contexts(Signer signer) {
    return new TlsContexts(
        OriginTrust.of(List.of(AUTHORITY.certificate())),
        TlsVersion.TLS_1_3,
        true,
        null,
        signer.rsa());
  }

  private static SSLEngine server(TlsContexts contexts, Signer signer, Leaf leaf) {
    return contexts
        .terminate(
            UnpooledByteBufAllocator.DEFAULT, signer.policy(), null, leaf, Duration.ofSeconds(5))
        .engine();
  }

  /** Returns after an object that nothing refers to was freed. */
  private static void collectGarbage() {
    WeakReference<Object> lost = new WeakReference<>(new Object());
    await()
        .until(
            () -> {
              System.gc();
              return lost.get() == null;
            });
  }

  private static void handshake(SSLEngine server) throws Exception {
    X509Certificate trusted = AUTHORITY.certificate();
    SslContext device =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols("TLSv1.2")
            .trustManager(trusted)
            .option(OpenSslContextOption.USE_TASKS, false)
            .build();
    try {
      InMemoryHandshake.run(
          device.newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 443), server);
    } finally {
      ReferenceCountUtil.release(device);
    }
  }
}
