package org.tlsuplift.proxy.tls.chain;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
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
import org.tlsuplift.proxy.model.HostPort;

/**
 * The name constraints of a CA certificate (RFC 5280 section 4.2.1.10), compared with the names of
 * the certificates below it. Both are read from the signed bytes.
 *
 * <p>BouncyCastle compares all names but hosts: it is slow with many, reads an empty name as no
 * host, and a wildcard as a host. Here a wildcard that covers an excluded host is excluded too
 * (CVE-2025-61727 in another library). A malformed name, or a distance, which the RFC forbids,
 * makes the constraints unreadable.
 *
 * @param permittedHosts in lower case; an empty one is every host
 * @param permitted the other permitted names
 * @param excluded the other excluded names
 * @param readable whether the constraints could be read; otherwise they permit nothing
 */
public record NameLimits(
    List<String> permittedHosts,
    List<String> excludedHosts,
    List<GeneralSubtree> permitted,
    List<GeneralSubtree> excluded,
    boolean readable) {
  private static final NameLimits NONE = of(List.of(), List.of());
  private static final NameLimits UNREADABLE =
      new NameLimits(List.of(), List.of(), List.of(), List.of(), false);

  /** An address and a mask, in bytes. */
  private static final int IPV4_BLOCK = 8;

  private static final int IPV6_BLOCK = 32;

  /** About 0.1 s of the JDK's time. A CA with 200 constraints and 250 names need 90,000. */
  private static final long MAX_COMPARISONS = 1_000_000;

  /** Reads the constraints of a certificate, which may have none. */
  static NameLimits of(X509Certificate ca) {
    byte @Nullable [] extension = ca.getExtensionValue(Extension.nameConstraints.getId());
    if (extension == null) {
      return NONE;
    }
    try {
      NameConstraints constraints =
          NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
      return of(list(constraints.getPermittedSubtrees()), list(constraints.getExcludedSubtrees()));
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return UNREADABLE;
    }
  }

  private static NameLimits of(List<GeneralSubtree> permitted, List<GeneralSubtree> excluded) {
    return !Stream.concat(permitted.stream(), excluded.stream()).allMatch(NameLimits::isReadable)
        ? UNREADABLE
        : new NameLimits(
            hosts(permitted), hosts(excluded), others(permitted), others(excluded), true);
  }

  private static List<GeneralSubtree> list(GeneralSubtree @Nullable [] subtrees) {
    return subtrees == null ? List.of() : List.of(subtrees);
  }

  private static List<String> hosts(List<GeneralSubtree> subtrees) {
    return subtrees.stream()
        .map(GeneralSubtree::getBase)
        .filter(NameLimits::isHost)
        .map(NameLimits::host)
        .toList();
  }

  private static List<GeneralSubtree> others(List<GeneralSubtree> subtrees) {
    return subtrees.stream().filter(each -> !isHost(each.getBase())).toList();
  }

  private static boolean isReadable(GeneralSubtree subtree) {
    GeneralName base = subtree.getBase();
    return subtree.getMinimum().equals(BigInteger.ZERO)
        && subtree.getMaximum() == null
        && switch (base.getTagNo()) {
          case GeneralName.dNSName -> {
            String host = host(base);
            yield host.isEmpty()
                || HostPort.isHostName(host.substring(host.startsWith(".") ? 1 : 0));
          }
          case GeneralName.iPAddress -> {
            int length = ASN1OctetString.getInstance(base.getName()).getOctets().length;
            yield length == IPV4_BLOCK || length == IPV6_BLOCK;
          }
          default -> true;
        };
  }

  /**
   * Whether a chain has so many names and constraints that comparing them would take too long. The
   * JDK compares each with each.
   */
  public static boolean areTooMany(Collection<X509Certificate> chain) {
    long names = 0;
    long constraints = 0;
    for (X509Certificate certificate : chain) {
      names += alternatives(certificate).map(List::size).orElse(0);
      NameLimits limits = of(certificate);
      constraints +=
          limits.permittedHosts.size()
              + limits.excludedHosts.size()
              + limits.permitted.size()
              + limits.excluded.size();
    }
    return (names + constraints) * constraints > MAX_COMPARISONS;
  }

  /**
   * Whether all names of a certificate are permitted. A name that cannot be read is not. The
   * subject of a self-issued certificate, as in a change of a CA's key, is not compared. The common
   * name of a server is compared if it has no alternative name of its kind, as the JDK does.
   */
  boolean permit(X509Certificate certificate) {
    if (equals(NONE)) {
      return true;
    }
    Optional<List<GeneralName>> alternatives = alternatives(certificate);
    if (!readable || alternatives.isEmpty()) {
      return false;
    }
    X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    List<GeneralName> names =
        Stream.concat(
                alternatives.get().isEmpty() ? mailAddresses(subject) : alternatives.get().stream(),
                commonName(certificate, subject, alternatives.get()))
            .toList();
    return names.stream()
            .filter(NameLimits::isHost)
            .map(NameLimits::host)
            .allMatch(this::permitsHost)
        && permitsOthers(CertificatePath.isSelfIssued(certificate) ? null : subject, names);
  }

  private boolean permitsHost(String host) {
    return (permittedHosts.isEmpty() || permittedHosts.stream().anyMatch(base -> isIn(host, base)))
        && excludedHosts.stream().noneMatch(base -> isIn(host, base) || covers(host, base));
  }

  private boolean permitsOthers(@Nullable X500Name subject, List<GeneralName> names) {
    try {
      PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
      validator.intersectPermittedSubtree(permitted.toArray(GeneralSubtree[]::new));
      excluded.forEach(validator::addExcludedSubtree);
      if (subject != null) {
        validator.checkPermittedDN(subject);
        validator.checkExcludedDN(subject);
      }
      for (GeneralName name : names) {
        if (!isHost(name)) {
          validator.checkPermitted(name);
          validator.checkExcluded(name);
        }
      }
      return true;
    } catch (NameConstraintValidatorException violated) {
      return false;
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return false;
    }
  }

  /** A leading dot, which the RFC does not know, excludes the name itself, as in OpenSSL. */
  private static boolean isIn(String host, String base) {
    return base.isEmpty()
        || host.equals(base)
        || (host.endsWith(base)
            && (base.charAt(0) == '.' || host.charAt(host.length() - base.length() - 1) == '.'));
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
                name ->
                    alternatives.stream().noneMatch(each -> each.getTagNo() == name.getTagNo()));
  }

  private static Stream<String> values(X500Name subject, ASN1ObjectIdentifier type) {
    return Arrays.stream(subject.getRDNs(type))
        .map(RDN::getTypesAndValues)
        .flatMap(Arrays::stream)
        .filter(each -> each.getType().equals(type))
        .map(AttributeTypeAndValue::getValue)
        .map(IETFUtils::valueToString);
  }

  private static boolean isHost(GeneralName name) {
    return name.getTagNo() == GeneralName.dNSName;
  }

  private static String host(GeneralName name) {
    return name.getName().toString().toLowerCase(Locale.ROOT);
  }
}
