package org.tlsuplift.proxy.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
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
  /**
   * The primes of the RSA key, 384 bits each. They are no secret: the key only answers handshakes
   * inside this process, and nothing trusts it. To generate one takes a tenth of the time until the
   * daemon accepts connections.
   */
  private static final BigInteger P =
      new BigInteger(
          "e4bf4fb144142383ef18c664ff961120da648b758e40099a"
              + "eeac8daedc23934be85f144035a7312717feb4dffdd26941",
          16);

  private static final BigInteger Q =
      new BigInteger(
          "c70873a5b8ab4e0bc048f277292e868ac3976c817e34559f"
              + "b7bce87190ddf3b0c86ad848cdf4ca57df425a74c8edd975",
          16);

  /** Creates a certificate with a P-256 key. */
  public static SelfTestCertificate of(String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return of(name, generator.generateKeyPair());
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("self-test: the key cannot be created", broken);
    }
  }

  /** Creates a certificate with an RSA key that is the same in every process. */
  static SelfTestCertificate ofRsa(String name) {
    try {
      KeyFactory factory = KeyFactory.getInstance("RSA");
      BigInteger modulus = P.multiply(Q);
      BigInteger lessP = P.subtract(BigInteger.ONE);
      BigInteger lessQ = Q.subtract(BigInteger.ONE);
      BigInteger exponent = RSAKeyGenParameterSpec.F4;
      BigInteger secret = exponent.modInverse(lessP.multiply(lessQ));
      KeyPair key =
          new KeyPair(
              factory.generatePublic(new RSAPublicKeySpec(modulus, exponent)),
              factory.generatePrivate(
                  new RSAPrivateCrtKeySpec(
                      modulus,
                      exponent,
                      secret,
                      P,
                      Q,
                      secret.mod(lessP),
                      secret.mod(lessQ),
                      Q.modInverse(P))));
      return of(name, key);
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
