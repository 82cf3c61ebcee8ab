package org.tlsuplift.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.PemFile;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** A CA that issues the proxy's client certificates, and origins that request them. */
public final class ClientAuthority {
  private final KeyPair key;
  private final X509Certificate certificate;

  private ClientAuthority(KeyPair key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  /**
   * A certificate with its key.
   *
   * @param chain the certificate, then its issuer
   */
  public record Issued(PrivateKey key, List<X509Certificate> chain) {
    public OriginIdentity identity() {
      return new OriginIdentity(key, chain);
    }

    public X509Certificate certificate() {
      return chain.get(0);
    }

    /** The certificate and its issuer in PEM. */
    public String certificatePem() {
      StringBuilder text = new StringBuilder();
      for (X509Certificate each : chain) {
        try {
          text.append(pem("CERTIFICATE", each.getEncoded()));
        } catch (CertificateEncodingException broken) {
          throw new IllegalStateException(broken);
        }
      }
      return text.toString();
    }

    public String keyPem() {
      return pem("PRIVATE KEY", key.getEncoded());
    }

    /** Both in PKCS#12. */
    public byte[] pkcs12(String password) {
      try {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "connector", key, password.toCharArray(), chain.toArray(X509Certificate[]::new));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, password.toCharArray());
        return bytes.toByteArray();
      } catch (Exception broken) {
        throw new IllegalStateException(broken);
      }
    }

    private static String pem(String type, byte[] der) {
      return new String(PemFile.block(type, der), StandardCharsets.US_ASCII);
    }
  }

  /** Creates a CA with a new root. */
  public static ClientAuthority create() {
    KeyPair key = keyPair("EC");
    X500Name name = new X500Name("CN=Client Authority " + new SecureRandom().nextInt());
    return new ClientAuthority(
        key,
        certificate(name, key, name, key, Instant.now().plus(Duration.ofDays(365)), true, null));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** A certificate that is valid for a year. */
  public Issued issue(String algorithm, String commonName, KeyPurposeId... purposes) {
    return issue(algorithm, commonName, Instant.now().plus(Duration.ofDays(365)), purposes);
  }

  /** A certificate with this expiry; without purposes it is valid for all of them. */
  public Issued issue(
      String algorithm, String commonName, Instant notAfter, KeyPurposeId... purposes) {
    KeyPair own = keyPair(algorithm);
    X509Certificate leaf =
        certificate(
            new X500Name(certificate.getSubjectX500Principal().getName()),
            key,
            new X500Name("CN=" + commonName),
            own,
            notAfter,
            false,
            null,
            purposes);
    return new Issued(own.getPrivate(), List.of(leaf, certificate));
  }

  /** A certificate of a server with these names in subjectAltName. */
  public Issued issueFor(String... names) {
    return issueFor(Instant.now().plus(Duration.ofDays(365)), names);
  }

  /** The same with this expiry. */
  public Issued issueFor(Instant notAfter, String... names) {
    return issueFor(new X500Name("CN=" + names[0]), notAfter, names);
  }

  /** A certificate as CAs with ACME issue it. */
  public Issued issueWithoutSubject(String... names) {
    Instant notAfter = Instant.now().plus(Duration.ofDays(365));
    return issueFor(new X500Name(new RDN[0]), notAfter, names);
  }

  private Issued issueFor(X500Name subject, Instant notAfter, String... names) {
    KeyPair own = keyPair("RSA");
    X509Certificate leaf =
        certificate(
            new X500Name(certificate.getSubjectX500Principal().getName()),
            key,
            subject,
            own,
            notAfter,
            false,
            new GeneralNames(
                Arrays.stream(names)
                    .map(name -> new GeneralName(GeneralName.dNSName, name))
                    .toArray(GeneralName[]::new)));
    return new Issued(own.getPrivate(), List.of(leaf, certificate));
  }

  /** The context of an origin with this leaf that accepts client certificates of this CA. */
  public SSLContext asking(Leaf leaf) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "leaf", leaf.key(), new char[0], leaf.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static KeyPair keyPair(String algorithm) {
    if (algorithm.equals("RSA")) {
      return RsaKeys.next();
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static X509Certificate certificate(
      X500Name issuer,
      KeyPair issuerKey,
      X500Name subject,
      KeyPair subjectKey,
      Instant notAfter,
      boolean authority,
      @Nullable GeneralNames names,
      KeyPurposeId... purposes) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
              Date.from(Instant.now().minus(Duration.ofDays(400))),
              Date.from(notAfter),
              subject,
              subjectKey.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (names != null) {
        // Critical if it is the only name (RFC 5280 section 4.2.1.6).
        boolean alone = subject.getRDNs().length == 0;
        builder.addExtension(Extension.subjectAlternativeName, alone, names);
      }
      if (purposes.length > 0) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }
}
