package org.tlsuplift.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
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
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
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
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Any certificate with its key, which can sign others: for chains that a good authority would not
 * issue.
 *
 * @param key a P-256 key, unless a test gives another one
 * @param certificate its certificate
 */
public record Issuer(KeyPair key, X509Certificate certificate) {
  private static final AtomicLong SERIAL = new AtomicLong(1000);
  private static final String PSS = "RSASSA-PSS with ";
  private static final int SALT_BYTES = 20;

  /** From when until when a certificate is valid. */
  public record Validity(Instant from, Instant until) {
    /** Since two hours ago. */
    public static Validity until(Instant end) {
      return new Validity(Instant.now().minus(Duration.ofHours(2)), end);
    }

    /** Days from now; negative ones are in the past. */
    public static Validity ofDays(int from, int until) {
      Instant now = Instant.now();
      return new Validity(now.plus(Duration.ofDays(from)), now.plus(Duration.ofDays(until)));
    }
  }

  /** One extension of a certificate. */
  public record Part(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
    public static Part ca() {
      return new Part(Extension.basicConstraints, true, new BasicConstraints(true));
    }

    /** A CA with at most this many CAs below it. */
    public static Part ca(int pathLength) {
      return new Part(Extension.basicConstraints, true, new BasicConstraints(pathLength));
    }

    /** Explicitly not a CA. */
    public static Part noCa() {
      return new Part(Extension.basicConstraints, true, new BasicConstraints(false));
    }

    /** A key usage, of the bits in {@link KeyUsage}. */
    public static Part keyUsage(int bits) {
      return new Part(Extension.keyUsage, true, new KeyUsage(bits));
    }

    public static Part names(String... hosts) {
      return names(
          Arrays.stream(hosts)
              .map(host -> new GeneralName(GeneralName.dNSName, host))
              .toArray(GeneralName[]::new));
    }

    /** Names of hosts, and IP addresses as such. */
    public static Part namesAndAddresses(String... hosts) {
      return names(
          Arrays.stream(hosts)
              .map(
                  host ->
                      new GeneralName(
                          host.matches("[0-9.]+|.*:.*")
                              ? GeneralName.iPAddress
                              : GeneralName.dNSName,
                          host))
              .toArray(GeneralName[]::new));
    }

    public static Part names(GeneralName... names) {
      return new Part(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }

    public static Part usages(KeyPurposeId... usages) {
      return new Part(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages));
    }

    /** A name constraint that excludes a domain. */
    public static Part excluding(String domain) {
      return constraints(List.of(), List.of(new GeneralName(GeneralName.dNSName, domain)));
    }

    /** Name constraints; an empty list is left out. */
    public static Part constraints(List<GeneralName> permitted, List<GeneralName> excluded) {
      return new Part(
          Extension.nameConstraints,
          true,
          new NameConstraints(subtrees(permitted), subtrees(excluded)));
    }

    private static GeneralSubtree @Nullable [] subtrees(List<GeneralName> bases) {
      return bases.isEmpty()
          ? null
          : bases.stream().map(GeneralSubtree::new).toArray(GeneralSubtree[]::new);
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
    return root(newKey(), commonName, parts);
  }

  /** A root with this key, which other roots may have too. */
  public static Issuer root(KeyPair key, String commonName, Part... parts) {
    return selfSigned(key, "CN=" + commonName, inAnHour(), ca(parts));
  }

  /** A certificate with only these extensions, signed by its own key. */
  public static Issuer selfSigned(KeyPair key, String subject, Instant until, Part... parts) {
    return selfSigned(key, subject, Validity.until(until), parts);
  }

  public static Issuer selfSigned(KeyPair key, String subject, Validity validity, Part... parts) {
    X500Name name = new X500Name(subject);
    return new Issuer(
        key, signed(key, signature(key), name, key.getPublic(), name, validity, parts));
  }

  public Issuer intermediate(String commonName, Part... parts) {
    return issue(commonName, ca(parts));
  }

  /** A certificate below this one that is valid for an hour. */
  public Issuer issue(String commonName, Part... parts) {
    return issue(commonName, inAnHour(), parts);
  }

  /** A certificate below this one with this expiry. */
  public Issuer issue(String commonName, Instant until, Part... parts) {
    return sign(newKey(), "CN=" + commonName, signature(key), until, parts);
  }

  /**
   * Signs a certificate for any key and subject.
   *
   * @param subject a distinguished name; may be empty
   * @param signature the JDK name of the algorithm, or for example {@code RSASSA-PSS with SHA-1}
   */
  public Issuer sign(KeyPair own, String subject, String signature, Instant until, Part... parts) {
    return sign(own, subject, signature, Validity.until(until), parts);
  }

  public Issuer sign(
      KeyPair own, String subject, String signature, Validity validity, Part... parts) {
    return new Issuer(
        own,
        signed(
            key,
            signature,
            X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
            own.getPublic(),
            new X500Name(subject),
            validity,
            parts));
  }

  /** Signs a certificate with the usual algorithm for this key. */
  public Issuer sign(KeyPair own, String subject, Validity validity, Part... parts) {
    return sign(own, subject, signature(key), validity, parts);
  }

  public PrivateKey privateKey() {
    return key.getPrivate();
  }

  /** A JDK context of a server that presents this certificate and the others. */
  public SSLContext serving(Issuer... others) {
    try {
      // PKCS#12 would encrypt the key slowly.
      KeyStore store = KeyStore.getInstance("JKS");
      store.load(null, null);
      store.setKeyEntry(
          "leaf",
          key.getPrivate(),
          new char[0],
          Stream.concat(Stream.of(this), Arrays.stream(others))
              .map(Issuer::certificate)
              .toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Basic constraints of a CA, unless the parts have some. */
  private static Part[] ca(Part... parts) {
    return Arrays.stream(parts).anyMatch(part -> part.type().equals(Extension.basicConstraints))
        ? parts
        : Stream.concat(Stream.of(Part.ca()), Arrays.stream(parts)).toArray(Part[]::new);
  }

  public static KeyPair newKey() {
    return newKey("EC", new ECGenParameterSpec("secp256r1"));
  }

  public static KeyPair newKey(String algorithm, AlgorithmParameterSpec parameters) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(parameters);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static Instant inAnHour() {
    return Instant.now().plus(Duration.ofHours(1));
  }

  private static String signature(KeyPair key) {
    return key.getPublic().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
  }

  private static ContentSigner signer(String signature, PrivateKey key)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return signature.startsWith(PSS)
        ? PssSigner.of(signature.substring(PSS.length()), key)
        : new JcaContentSignerBuilder(signature).build(key);
  }

  /** BouncyCastle's signer needs its own provider for RSASSA-PSS. */
  private record PssSigner(
      AlgorithmIdentifier getAlgorithmIdentifier,
      ByteArrayOutputStream getOutputStream,
      Signature jdk)
      implements ContentSigner {
    static PssSigner of(String hash, PrivateKey key) throws GeneralSecurityException, IOException {
      PSSParameterSpec parameters =
          new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), SALT_BYTES, 1);
      AlgorithmParameters encoded = AlgorithmParameters.getInstance("RSASSA-PSS");
      encoded.init(parameters);
      Signature jdk = Signature.getInstance("RSASSA-PSS");
      jdk.setParameter(parameters);
      jdk.initSign(key);
      return new PssSigner(
          new AlgorithmIdentifier(
              PKCSObjectIdentifiers.id_RSASSA_PSS,
              ASN1Primitive.fromByteArray(encoded.getEncoded())),
          new ByteArrayOutputStream(),
          jdk);
    }

    @Override
    public byte[] getSignature() {
      try {
        jdk.update(getOutputStream.toByteArray());
        return jdk.sign();
      } catch (SignatureException broken) {
        throw new IllegalStateException(broken);
      }
    }
  }

  private static X509Certificate signed(
      KeyPair signer,
      String signature,
      X500Name issuer,
      PublicKey key,
      X500Name subject,
      Validity validity,
      Part... parts) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(validity.from()),
              Date.from(validity.until()),
              subject,
              key);
      for (Part part : List.of(parts)) {
        builder.addExtension(part.type(), part.critical(), part.value());
      }
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(signer(signature, signer.getPrivate())));
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
