package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A weak chain is refused even below the operator's own root. */
class OriginTrustTest {
  private static final KeyPair CA_KEY = rsa(2048);
  private static final X509Certificate CA =
      certificate("CN=Own CA", CA_KEY, "CN=Own CA", "SHA256withRSA", true);

  private static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static KeyPair ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(
      String subject, KeyPair key, String issuer, String signature, boolean ca) {
    try {
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name(issuer),
              BigInteger.valueOf(System.nanoTime()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofHours(1))),
              new X500Name(subject),
              key.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(signature).build(CA_KEY.getPrivate())));
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static void verify(X509Certificate leaf) throws Exception {
    OriginTrust.of(List.of(CA))
        .chains()
        .checkServerTrusted(new X509Certificate[] {leaf}, "ECDHE_RSA");
  }

  @Test
  void trustsAStrongChain() throws Exception {
    verify(certificate("CN=leaf", rsa(2048), "CN=Own CA", "SHA256withRSA", false));
    verify(certificate("CN=leaf", ec("secp256r1"), "CN=Own CA", "SHA256withRSA", false));
  }

  @ParameterizedTest
  @CsvSource({
    "2048, SHA1withRSA, signed with SHA1withRSA",
    // Here the JDK refuses first, with a text that differs between releases.
    "2048, MD5withRSA, (MD5withRSA|disabled algorithm: MD5 used with certificate: CN=leaf)",
    "1024, SHA256withRSA, RSA key of 1024 bits",
  })
  void refusesAWeakChain(int bits, String signature, String weakness) {
    X509Certificate weak = certificate("CN=leaf", rsa(bits), "CN=Own CA", signature, false);
    assertThatThrownBy(() -> verify(weak)).isInstanceOf(CertificateException.class);
    assertThat(OriginTrust.of(List.of(CA)).faults().explain(List.of(weak)))
        .hasValueSatisfying(
            fault -> assertThat(fault.cause()).contains("too weak").containsPattern(weakness));
  }

  /** This decides whether addresses in certificates may be in the local network. */
  @Test
  void knowsWhoseRootsTheyAre() {
    assertThat(OriginTrust.system().isOwn()).isFalse();
    assertThat(OriginTrust.of(List.of(CA)).isOwn()).isTrue();
  }

  @Test
  void isNotMadeOfNothing() {
    assertThatThrownBy(() -> OriginTrust.of(List.of())).hasMessageContaining("no trusted root");
  }
}
