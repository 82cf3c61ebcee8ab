package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.Leaf;

/**
 * Writes and signs leaves; each takes about 1 ms with an RSA-2048 CA. Thread-safe.
 *
 * <p>All leaves share one key, because a new key takes hundreds of milliseconds, and a thief of one
 * key could steal all. The key is RSA by default, because devices below TLS 1.2 often support no
 * other.
 */
final class LeafMint {
  /** The subject of a leaf without a common name. */
  private static final String NAMELESS = "TLS Uplift";

  private final IssuingCa ca;
  private final LeafSettings settings;
  private final KeyPair key;
  private final Clock clock;
  private final X500Name issuer;
  private final X500Name subjectBase;
  private final AuthorityKeyIdentifier issuerKeyId;
  private final SubjectKeyIdentifier keyId;

  LeafMint(IssuingCa ca, LeafSettings settings, KeyPair key, Clock clock) {
    this.ca = ca;
    this.settings = settings;
    this.key = key;
    this.clock = clock;
    // The same bytes, not encoded again, because verifiers compare them (RFC 5280 section 7.1).
    this.issuer = X500Name.getInstance(ca.certificate().getSubjectX500Principal().getEncoded());
    this.subjectBase = ca.rules().subjectBase().orElse(X500Name.getInstance(new X500Name("")));
    this.keyId = extensions().createSubjectKeyIdentifier(key.getPublic());
    this.issuerKeyId = keyIdOf(ca.certificate());
  }

  record Minted(Leaf leaf, Instant renewAt) {}

  /**
   * Signs a new leaf, without checking the CA's constraints again.
   *
   * @throws OperatorException when the CA has expired or cannot sign
   */
  Minted mint(LeafNames names) throws OperatorException {
    Instant now = clock.instant();
    if (!now.isBefore(ca.expiresAt())) {
      throw new OperatorException(
          "no certificate for %s: the CA expired on %s; %s"
              .formatted(names.first(), ca.expiresAt(), ca.provenance().remedy()));
    }
    Validity validity = Validity.of(now, settings.lifetime(), ca.validFrom(), ca.expiresAt());
    BigInteger serial = settings.form().extensions().nextSerial();
    List<X509Certificate> chain = new ArrayList<>();
    try {
      chain.add(sign(names, serial, validity));
    } catch (GeneralSecurityException | OperatorCreationException | IOException failed) {
      throw new OperatorException(
          "no certificate for %s: signing failed with %s; check the CA's key"
              .formatted(names.first(), failed.getClass().getSimpleName()),
          failed);
    }
    chain.addAll(ca.sentIssuers());
    return new Minted(
        Leaf.of(names.first(), commonAlias(names), chain, key.getPrivate()), validity.renewAt());
  }

  /** The common alias of a leaf. Instances with one CA compute the same one for equal names. */
  private String commonAlias(LeafNames names) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ca.certificate().getEncoded());
      digest.update(names.alternativeNames().getEncoded());
      return "%s %s#%s"
          .formatted(
              names.first(),
              settings.form() + " " + key.getPublic().getAlgorithm(),
              HexFormat.of().formatHex(digest.digest()));
    } catch (GeneralSecurityException | IOException impossible) {
      throw new IllegalStateException("names and certificates have an encoding", impossible);
    }
  }

  private X509Certificate sign(LeafNames names, BigInteger serial, Validity validity)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    return new CertificateDraft(
            issuer,
            serial,
            validity.start(),
            validity.end(),
            subject(names),
            key.getPublic(),
            extensions(names))
        .sign(settings.signature().with(ca.certificate().getPublicKey()), ca.key());
  }

  private List<Extension> extensions(LeafNames names) throws IOException {
    Extension alternativeNames =
        Extension.create(Extension.subjectAlternativeName, false, names.alternativeNames());
    return switch (settings.form().extensions()) {
      case NONE -> List.of();
      case MINIMAL -> List.of(alternativeNames);
      case ALL ->
          List.of(
              Extension.create(Extension.basicConstraints, true, new BasicConstraints(false)),
              Extension.create(Extension.keyUsage, true, keyUsage()),
              Extension.create(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)),
              Extension.create(Extension.authorityKeyIdentifier, false, issuerKeyId),
              Extension.create(Extension.subjectKeyIdentifier, false, keyId),
              alternativeNames);
    };
  }

  /** Devices use key encipherment with static RSA suites (RFC 5246 section 7.4.2). */
  private KeyUsage keyUsage() {
    return new KeyUsage(
        key.getPublic().getAlgorithm().equals("RSA")
            ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
            : KeyUsage.digitalSignature);
  }

  /** Never empty, so that the alternative names need not be critical (RFC 5280 section 4.1.2.6). */
  private X500Name subject(LeafNames names) {
    X500NameBuilder builder = DistinguishedNames.below(subjectBase);
    names
        .commonName(!ca.rules().isEmpty())
        .ifPresentOrElse(
            name -> DistinguishedNames.add(builder, BCStyle.CN, name),
            () -> DistinguishedNames.add(builder, BCStyle.OU, NAMELESS));
    return builder.build();
  }

  /** Copies the issuer's identifier, which may use another hash than SHA-1 (RFC 5280 4.2.1.1). */
  private static AuthorityKeyIdentifier keyIdOf(X509Certificate issuer) {
    byte[] extension = issuer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    SubjectKeyIdentifier found =
        extension == null
            ? extensions().createSubjectKeyIdentifier(issuer.getPublicKey())
            : SubjectKeyIdentifier.getInstance(ASN1OctetString.getInstance(extension).getOctets());
    return new AuthorityKeyIdentifier(found.getKeyIdentifier());
  }

  private static JcaX509ExtensionUtils extensions() {
    try {
      return new JcaX509ExtensionUtils();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this Java has no SHA-1", missing);
    }
  }

  /**
   * The validity of a leaf, and when to replace it.
   *
   * <p>A leaf starts as early as its issuers, by default on 2000-01-01, so that a device whose
   * clock was reset accepts it. Apple's systems refuse leaves of user-installed roots that start
   * after 2019-07-01 and last longer than 825 days (support.apple.com/103769); an older start is
   * exempt. So below a younger CA a leaf lasts at most 825 days.
   */
  private record Validity(Instant start, Instant end, Instant renewAt) {
    private static final Instant APPLE_RULE = Instant.parse("2019-07-01T00:00:00Z");
    private static final Duration APPLE_MAX = Duration.ofDays(825);

    /**
     * Fits a leaf into its issuers' validity.
     *
     * @param issuersEnd after now
     */
    static Validity of(Instant now, Duration lifetime, Instant issuersStart, Instant issuersEnd) {
      Instant end = now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
      if (end.isAfter(issuersEnd)) {
        end = issuersEnd;
      }
      Instant start = issuersStart;
      if (start.isAfter(APPLE_RULE) && start.isBefore(end.minus(APPLE_MAX))) {
        start = end.minus(APPLE_MAX);
      }
      return new Validity(start, end, now.plus(Duration.between(now, end).dividedBy(2)));
    }
  }
}
