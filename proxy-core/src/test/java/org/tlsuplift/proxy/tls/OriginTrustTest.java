package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;

/** A weak chain is refused even below the operator's own root. */
class OriginTrustTest {
  private static final Issuer CA = Issuer.root(rsa(2048), "Own CA");

  private static KeyPair rsa(int bits) {
    return Issuer.newKey("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
  }

  private static X509Certificate leaf(KeyPair key, String signature) {
    Instant end = Instant.now().plus(Duration.ofHours(1));
    return CA.sign(key, "CN=leaf", signature, end, Part.noCa()).certificate();
  }

  private static void verify(X509Certificate leaf) throws Exception {
    OriginTrust.of(List.of(CA.certificate()))
        .chains()
        .checkServerTrusted(new X509Certificate[] {leaf}, "ECDHE_RSA");
  }

  @Test
  void trustsAStrongChain() throws Exception {
    verify(leaf(rsa(2048), "SHA256withRSA"));
    verify(leaf(Issuer.newKey(), "SHA256withRSA"));
  }

  @ParameterizedTest
  @CsvSource({
    "2048, SHA1withRSA, signed with SHA1withRSA",
    // Here the JDK refuses first, with a text that differs between releases.
    "2048, MD5withRSA, (MD5withRSA|disabled algorithm: MD5 used with certificate: CN=leaf)",
    "1024, SHA256withRSA, RSA key of 1024 bits",
  })
  void refusesAWeakChain(int bits, String signature, String weakness) {
    X509Certificate weak = leaf(rsa(bits), signature);
    assertThatThrownBy(() -> verify(weak)).isInstanceOf(CertificateException.class);
    assertThat(OriginTrust.of(List.of(CA.certificate())).faults().explain(List.of(weak)))
        .hasValueSatisfying(
            fault -> assertThat(fault.cause()).contains("too weak").containsPattern(weakness));
  }

  /** This decides whether addresses in certificates may be in the local network. */
  @Test
  void distinguishesSystemRootsFromOwnRoots() {
    assertThat(OriginTrust.system().isOwn()).isFalse();
    assertThat(OriginTrust.of(List.of(CA.certificate())).isOwn()).isTrue();
  }

  @Test
  void refusesAnEmptyListOfRoots() {
    assertThatThrownBy(() -> OriginTrust.of(List.of())).hasMessageContaining("no trusted root");
  }
}
