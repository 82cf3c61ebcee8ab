package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Any certificate with its key, which can sign others: for chains that a good authority would not
 * issue.
 *
 * @param key a P-256 key
 * @param certificate its certificate
 */
public record Issuer(KeyPair key, X509Certificate certificate) {
  private static final AtomicLong SERIAL = new AtomicLong(1000);

  /** One extension of a certificate. */
  public record Part(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
    public static Part ca() {
      return new Part(Extension.basicConstraints, true, new BasicConstraints(true));
    }

    public static Part names(String... hosts) {
      return new Part(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              Arrays.stream(hosts)
                  .map(host -> new GeneralName(GeneralName.dNSName, host))
                  .toArray(GeneralName[]::new)));
    }

    public static Part usages(KeyPurposeId... usages) {
      return new Part(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages));
    }

    /** A name constraint that excludes a domain. */
    public static Part excluding(String domain) {
      return new Part(
          Extension.nameConstraints,
          true,
          new NameConstraints(
              null,
              new GeneralSubtree[] {
                new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain))
              }));
    }

    /** The address of the issuer's certificate. */
    public static Part issuerAt(String address) {
      return access(AccessDescription.id_ad_caIssuers, address);
    }

    /** The address of the OCSP responder. */
    public static Part responder(String address) {
      return access(AccessDescription.id_ad_ocsp, address);
    }

    private static Part access(ASN1ObjectIdentifier method, String address) {
      return new Part(
          Extension.authorityInfoAccess,
          false,
          new AuthorityInformationAccess(
              method, new GeneralName(GeneralName.uniformResourceIdentifier, address)));
    }

    /** The address of the revocation list. */
    public static Part list(String address) {
      return new Part(
          Extension.cRLDistributionPoints,
          false,
          new CRLDistPoint(
              new DistributionPoint[] {
                new DistributionPoint(
                    new DistributionPointName(
                        new GeneralNames(
                            new GeneralName(GeneralName.uniformResourceIdentifier, address))),
                    null,
                    null)
              }));
    }

    /** The server must staple a response (RFC 7633). */
    public static Part mustStaple() {
      return new Part(
          new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24"),
          false,
          new DERSequence(new ASN1Integer(5)));
    }
  }

  public static Issuer root(String commonName, Part... parts) {
    KeyPair key = newKey();
    return new Issuer(
        key,
        signed(
            key,
            "CN=" + commonName,
            key,
            "CN=" + commonName,
            Instant.now().plus(Duration.ofHours(1)),
            with(Part.ca(), parts)));
  }

  public Issuer intermediate(String commonName, Part... parts) {
    return issue(commonName, with(Part.ca(), parts));
  }

  /** A certificate below this one that is valid for an hour. */
  public Issuer issue(String commonName, Part... parts) {
    return issue(commonName, Instant.now().plus(Duration.ofHours(1)), parts);
  }

  /** The same with another expiry. */
  public Issuer issue(String commonName, Instant until, Part... parts) {
    KeyPair own = newKey();
    return new Issuer(
        own,
        signed(
            key,
            certificate.getSubjectX500Principal().getName(),
            own,
            "CN=" + commonName,
            until,
            parts));
  }

  /** A JDK context of a server that presents this certificate and the others. */
  public SSLContext serving(Issuer... others) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "leaf",
          key.getPrivate(),
          new char[0],
          Stream.concat(Stream.of(this), Arrays.stream(others))
              .map(Issuer::certificate)
              .toArray(X509Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static Part[] with(Part first, Part... others) {
    return java.util.stream.Stream.concat(java.util.stream.Stream.of(first), Arrays.stream(others))
        .toArray(Part[]::new);
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static X509Certificate signed(
      KeyPair signer, String issuer, KeyPair key, String subject, Instant until, Part... parts) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name(issuer),
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(Instant.now().minus(Duration.ofHours(2))),
              Date.from(until),
              new X500Name(subject),
              key.getPublic());
      for (Part part : List.of(parts)) {
        builder.addExtension(part.type(), part.critical(), part.value());
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
