package org.tlsuplift.proxy.tls.chain;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.jspecify.annotations.Nullable;

/**
 * Reads and verifies certificate revocation lists (RFC 5280 section 6.3). Only complete lists that
 * the certificate's own issuer signed are accepted.
 */
public final class RevocationLists {
  /** The longest accepted list, in bytes. */
  public static final int MAX_BYTES = 8 * 1024 * 1024;

  private static final int CRL_SIGN = 6;

  private RevocationLists() {}

  /**
   * Looks up a certificate in a list. Each text in the result continues the sentence "the response
   * ...".
   *
   * @param issuer the certificate of its issuer
   * @param address the list's URL; a list for another URL may omit the certificate
   */
  public static CertificateStatus read(
      byte[] encoded,
      X509Certificate certificate,
      X509Certificate issuer,
      String address,
      Instant now) {
    try {
      X509CRL list =
          (X509CRL)
              CertificateFactory.getInstance("X.509")
                  .generateCRL(new ByteArrayInputStream(encoded));
      ValidityPeriod period = ValidityPeriod.of(list.getThisUpdate(), list.getNextUpdate());
      Optional<String> objection =
          signature(list, issuer).or(() -> scope(list, address)).or(() -> period.objection(now));
      if (objection.isPresent()) {
        return new CertificateStatus.Unknown(objection.get());
      }
      X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
      return entry == null
          ? new CertificateStatus.Good(period.until())
          : CertificateStatus.Revoked.since(entry.getRevocationDate(), entry.getRevocationReason());
    } catch (GeneralSecurityException | RuntimeException malformed) {
      return new CertificateStatus.Unknown("is malformed");
    }
  }

  private static Optional<String> signature(X509CRL list, X509Certificate issuer) {
    boolean @Nullable [] usage = issuer.getKeyUsage();
    try {
      if (list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
          && !StrongChainChecker.isWeakSignature(
              StrongChainChecker.algorithm(list.getSigAlgName(), list.getSigAlgParams()))
          && (usage == null || usage[CRL_SIGN])) {
        list.verify(issuer.getPublicKey());
        return Optional.empty();
      }
    } catch (GeneralSecurityException another) {
      // Reported below.
    }
    return Optional.of("is not signed by the issuer");
  }

  /** The reason why the list may omit the certificate; empty if it may not. */
  private static Optional<String> scope(X509CRL list, String address) {
    Set<String> critical =
        new HashSet<>(Optional.ofNullable(list.getCriticalExtensionOIDs()).orElse(Set.of()));
    critical.remove(Extension.issuingDistributionPoint.getId());
    if (!critical.isEmpty()
        || list.getExtensionValue(Extension.deltaCRLIndicator.getId()) != null) {
      return Optional.of("is not a complete list");
    }
    byte[] extension = list.getExtensionValue(Extension.issuingDistributionPoint.getId());
    if (extension == null) {
      return Optional.empty();
    }
    IssuingDistributionPoint point =
        IssuingDistributionPoint.getInstance(ASN1OctetString.getInstance(extension).getOctets());
    if (point.isIndirectCRL()
        || point.onlyContainsCACerts()
        || point.onlyContainsAttributeCerts()
        || point.getOnlySomeReasons() != null) {
      return Optional.of("is not a complete list");
    }
    DistributionPointName name = point.getDistributionPoint();
    return name == null || isFor(name, address)
        ? Optional.empty()
        : Optional.of("is for another address");
  }

  private static boolean isFor(DistributionPointName name, String address) {
    return name.getType() == DistributionPointName.FULL_NAME
        && Arrays.stream(GeneralNames.getInstance(name.getName()).getNames())
            .filter(each -> each.getTagNo() == GeneralName.uniformResourceIdentifier)
            .anyMatch(each -> each.getName().toString().equals(address));
  }
}
