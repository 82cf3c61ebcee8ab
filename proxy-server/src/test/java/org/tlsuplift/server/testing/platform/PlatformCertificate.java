package org.tlsuplift.server.testing.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Issuer.Validity;
import org.tlsuplift.proxy.testing.Pem;
import org.tlsuplift.proxy.testing.RsaKeys;

/** A key with a certificate: of the platform itself, or of an application that signs assertions. */
public final class PlatformCertificate {
  private final Issuer own;

  private PlatformCertificate(Issuer own) {
    this.own = own;
  }

  /** One that exists already. */
  public PlatformCertificate(PrivateKey key, X509Certificate certificate) {
    this(new Issuer(new KeyPair(certificate.getPublicKey(), key), certificate));
  }

  /** A new one for these names and addresses that no CA has signed; RSA, ten days. */
  public static PlatformCertificate selfSigned(String... names) {
    return new PlatformCertificate(
        Issuer.selfSigned(
            RsaKeys.next(),
            "CN=" + names[0],
            Validity.ofDays(-1, 9),
            Part.namesAndAddresses(names)));
  }

  public PrivateKey key() {
    return own.privateKey();
  }

  public X509Certificate certificate() {
    return own.certificate();
  }

  /** The key in PEM, PKCS#8. */
  public String keyPem() {
    return Pem.of(key());
  }

  public String certificatePem() {
    return Pem.of(certificate());
  }

  /** A new temporary PEM file with the certificate. */
  public Path file() {
    try {
      Path file = Files.createTempFile("identity-platform", ".pem");
      file.toFile().deleteOnExit();
      return Files.writeString(file, certificatePem());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public SSLContext context() {
    return own.serving();
  }
}
