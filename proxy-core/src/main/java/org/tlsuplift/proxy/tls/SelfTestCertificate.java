package org.tlsuplift.proxy.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A self-signed certificate for the self-test.
 *
 * @param certificate valid from 30 minutes ago until 30 minutes from now
 */
public record SelfTestCertificate(KeyPair key, X509Certificate certificate) {
  /** Creates a certificate with a P-256 key. */
  public static SelfTestCertificate of(String name) {
    return of(name, "EC", 256);
  }

  /**
   * Creates a certificate with an RSA-768 key: fast to generate, and long enough for all signatures
   * of TLS.
   */
  static SelfTestCertificate ofRsa(String name) {
    return of(name, "RSA", 768);
  }

  private static SelfTestCertificate of(String name, String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return of(name, generator.generateKeyPair());
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("self-test: the key cannot be created", broken);
    }
  }

  /** Creates a certificate with this RSA or EC key. */
  static SelfTestCertificate of(String name, KeyPair key) {
    return of(name, key, key.getPrivate());
  }

  /** Creates a certificate with this key, which another key signs. */
  static SelfTestCertificate of(String name, KeyPair key, PrivateKey signer) {
    String algorithm = signer.getAlgorithm();
    try {
      X500Name subject = new X500Name("CN=" + name);
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              subject,
              BigInteger.ONE,
              Date.from(now.minus(Duration.ofMinutes(30))),
              Date.from(now.plus(Duration.ofMinutes(30))),
              subject,
              key.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
      return new SelfTestCertificate(
          key,
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder(
                              "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm))
                          .build(signer))));
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException("self-test: the certificate cannot be created", broken);
    }
  }
}
