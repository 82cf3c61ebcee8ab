package org.tlsuplift.proxy.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.tls.rsa.Libcrypto;
import org.tlsuplift.proxy.tls.rsa.PublishedKey;

/**
 * The time of one RSA-2048 signature.
 *
 * <p>BoringSSL signs only within a handshake. Its time is the difference between two ServerHellos
 * that differ in the length of the key.
 *
 * @param boringSsl the time with BoringSSL
 * @param libcrypto the time with the system's libcrypto
 */
public record RsaMeasurement(Duration boringSsl, Duration libcrypto) {
  private static final String NAME = "rsa.uplift.invalid";
  private static final String SUITE = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";
  private static final int TIMES = 16;

  /** In percent. A smaller difference may be chance, and the call itself costs some time too. */
  private static final int CLEARLY_FASTER = 85;

  /**
   * Measures both in turn on the calling thread, for about 30 ms.
   *
   * @throws IllegalStateException if BoringSSL cannot be loaded; the message has the cause
   */
  public static RsaMeasurement of(Libcrypto library) {
    TlsContexts.requireBoringSsl();
    PublishedKey key = PublishedKey.rsa2048();
    PublishedKey shortKey = PublishedKey.rsa512();
    Leaf leaf = leaf(key, shortKey);
    Leaf shortLeaf = leaf(shortKey, shortKey);
    try (TlsContexts.DeviceContexts contexts =
        new TlsContexts.DeviceContexts(2, null, DeviceRsa.boringSsl())) {
      long signed = Long.MAX_VALUE;
      long rest = Long.MAX_VALUE;
      for (int i = 0; i < TIMES; i++) {
        signed = Math.min(signed, nanos(contexts, leaf));
        rest = Math.min(rest, nanos(contexts, shortLeaf));
      }
      return new RsaMeasurement(
          Duration.ofNanos(Math.max(0, signed - rest)), library.measure(TIMES));
    } catch (SSLException | GeneralSecurityException broken) {
      throw new IllegalStateException("RSA cannot be measured: " + broken.getMessage(), broken);
    }
  }

  private static Leaf leaf(PublishedKey key, PublishedKey signer) {
    KeyPair pair = new KeyPair(key.publicKey(), key.privateKey());
    return Leaf.of(
        NAME,
        List.of(SelfTestCertificate.of(NAME, pair, signer.privateKey()).certificate()),
        key.privateKey());
  }

  /** The time until the ServerHello and its signature are complete. */
  private static long nanos(TlsContexts.DeviceContexts contexts, Leaf leaf) throws SSLException {
    TlsPolicy policy =
        new TlsPolicy(TlsEngine.BORINGSSL, List.of(TlsVersion.TLS_1_0), List.of(SUITE));
    SSLEngine server =
        contexts
            .newHandler(UnpooledByteBufAllocator.DEFAULT, policy, Optional.empty(), leaf)
            .engine();
    long start = System.nanoTime();
    TlsParameters agreed =
        ProfileProbe.answer(
            server, ProbeHello.of(TlsVersion.TLS_1_0, CipherSuites.numberOf(SUITE).orElseThrow()));
    long nanos = System.nanoTime() - start;
    if (!SUITE.equals(agreed.cipherSuite())) {
      throw new SSLException("agreed " + agreed);
    }
    return nanos;
  }

  public boolean isLibcryptoFaster() {
    return libcrypto.multipliedBy(100).compareTo(boringSsl.multipliedBy(CLEARLY_FASTER)) <= 0;
  }
}
