package org.tlsuplift.proxy.tls.chain;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.CertificatePath;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The name constraints of a CA certificate (RFC 5280 section 4.2.1.10), compared with the names of
 * the certificates below it. Both are read from the signed bytes.
 *
 * <p>A wildcard that covers an excluded host is excluded too (CVE-2025-61727 in another library). A
 * minimum or maximum distance, which the RFC forbids, makes the constraints unreadable.
 *
 * @param readable whether the constraints could be read; otherwise they permit nothing
 */
public record NameLimits(
    List<GeneralSubtree> permitted, List<GeneralSubtree> excluded, boolean readable) {
  private static final NameLimits NONE = new NameLimits(List.of(), List.of(), true);
  private static final NameLimits UNREADABLE = new NameLimits(List.of(), List.of(), false);

  /** Reads the constraints of a certificate, which may have none. */
  static NameLimits of(X509Certificate ca) {
    byte @Nullable [] extension = ca.getExtensionValue(Extension.nameConstraints.getId());
    if (extension == null) {
      return NONE;
    }
    try {
      NameConstraints constraints =
          NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
      List<GeneralSubtree> permitted = withoutAllHosts(list(constraints.getPermittedSubtrees()));
      List<GeneralSubtree> excluded = list(constraints.getExcludedSubtrees());
      return Stream.concat(permitted.stream(), excluded.stream()).anyMatch(NameLimits::hasDistance)
          ? UNREADABLE
          : new NameLimits(permitted, excluded, true);
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return UNREADABLE;
    }
  }

  private static List<GeneralSubtree> list(GeneralSubtree @Nullable [] subtrees) {
    return subtrees == null ? List.of() : List.of(subtrees);
  }

  /** An empty DNS name permits all hosts, as no DNS name does; BouncyCastle reads it as no host. */
  private static List<GeneralSubtree> withoutAllHosts(List<GeneralSubtree> permitted) {
    return permitted.stream().noneMatch(each -> isAllHosts(each.getBase()))
        ? permitted
        : permitted.stream()
            .filter(each -> each.getBase().getTagNo() != GeneralName.dNSName)
            .toList();
  }

  private static boolean hasDistance(GeneralSubtree subtree) {
    return !subtree.getMinimum().equals(BigInteger.ZERO) || subtree.getMaximum() != null;
  }

  /**
   * Whether all names of a certificate are permitted. A name that cannot be read is not. The subject
   * of a self-issued certificate, as in a change of a CA's key, is not compared. The common name of a
   * server is compared if it has no alternative name of its kind, as the JDK does.
   */
  boolean permit(X509Certificate certificate) {
    if (equals(NONE)) {
      return true;
    }
    Optional<List<GeneralName>> names = alternatives(certificate);
    if (!readable || names.isEmpty()) {
      return false;
    }
    try {
      PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
      validator.intersectPermittedSubtree(permitted.toArray(GeneralSubtree[]::new));
      excluded.forEach(validator::addExcludedSubtree);
      X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
      if (!CertificatePath.isSelfIssued(certificate)) {
        validator.checkPermittedDN(subject);
        validator.checkExcludedDN(subject);
      }
      for (GeneralName name :
          Stream.concat(
                  names.get().isEmpty() ? mailAddresses(subject) : names.get().stream(),
                  commonName(certificate, subject, names.get()))
              .toList()) {
        validator.checkPermitted(name);
        validator.checkExcluded(name);
        if (name.getTagNo() == GeneralName.dNSName && isExcluded(host(name))) {
          return false;
        }
      }
      return true;
    } catch (NameConstraintValidatorException violated) {
      return false;
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return false;
    }
  }

  /** Adds to BouncyCastle's comparison that an empty name is all hosts, and what a wildcard is. */
  private boolean isExcluded(String host) {
    return excluded.stream()
        .map(GeneralSubtree::getBase)
        .filter(base -> base.getTagNo() == GeneralName.dNSName)
        .anyMatch(base -> isAllHosts(base) || covers(host, host(base)));
  }

  private static boolean isAllHosts(GeneralName base) {
    return base.getTagNo() == GeneralName.dNSName && host(base).isEmpty();
  }

  /** Whether a wildcard covers a host. */
  private static boolean covers(String wildcard, String host) {
    return wildcard.startsWith("*.")
        && host.indexOf('.') > 0
        && host.substring(host.indexOf('.')).equals(wildcard.substring(1));
  }

  /** The alternative names; empty if they cannot be read. */
  public static Optional<List<GeneralName>> alternatives(X509Certificate certificate) {
    byte @Nullable [] extension =
        certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
    try {
      return Optional.of(
          extension == null
              ? List.of()
              : List.of(
                  GeneralNames.getInstance(ASN1OctetString.getInstance(extension).getOctets())
                      .getNames()));
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return Optional.empty();
    }
  }

  /** The mail addresses in a subject, which count if there are no alternative names. */
  private static Stream<GeneralName> mailAddresses(X500Name subject) {
    return values(subject, BCStyle.EmailAddress)
        .map(address -> new GeneralName(GeneralName.rfc822Name, address));
  }

  private static Stream<GeneralName> commonName(
      X509Certificate certificate, X500Name subject, List<GeneralName> alternatives) {
    return certificate.getBasicConstraints() >= 0
        ? Stream.empty()
        : values(subject, BCStyle.CN)
            .map(HostPort::normalise)
            .flatMap(
                name ->
                    HostPort.isAddressLiteral(name)
                        ? Stream.of(new GeneralName(GeneralName.iPAddress, name))
                        : HostPort.isHostName(name)
                            ? Stream.of(new GeneralName(GeneralName.dNSName, name))
                            : Stream.empty())
            .filter(
                name -> alternatives.stream().noneMatch(each -> each.getTagNo() == name.getTagNo()));
  }

  private static Stream<String> values(X500Name subject, ASN1ObjectIdentifier type) {
    return Arrays.stream(subject.getRDNs(type))
        .map(RDN::getTypesAndValues)
        .flatMap(Arrays::stream)
        .filter(each -> each.getType().equals(type))
        .map(AttributeTypeAndValue::getValue)
        .map(IETFUtils::valueToString);
  }

  private static String host(GeneralName name) {
    return name.getName().toString().toLowerCase(Locale.ROOT);
  }
}
