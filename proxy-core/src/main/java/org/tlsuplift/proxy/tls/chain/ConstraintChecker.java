package org.tlsuplift.proxy.tls.chain;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Checks the limits of a chain that the JDK does not check.
 *
 * <p>The JDK takes only the name and the key of a trust anchor, which must be a CA. This class
 * checks an anchor like an intermediate CA (RFC 5937): it must be a CA that may issue certificates
 * for TLS servers, without unknown critical extensions, and the chain must keep to its path length
 * and its name constraints. The anchor's signature, key size and validity are not checked, because
 * the operator chose it, and its certificate policies are not checked either.
 *
 * <p>The JDK ignores name constraints that it cannot parse if they are not critical, and reads a
 * wildcard as a host. {@link NameLimits} checks the name constraints of each CA again.
 */
public final class ConstraintChecker extends PKIXCertPathChecker {
  private static final int KEY_CERT_SIGN = 5;

  private final Set<TrustAnchor> anchors;

  /** The anchors that may have issued this chain; null before the first certificate. */
  private @Nullable List<Issuer> issuers;

  /** The name constraints of the CAs below the anchor. */
  private List<NameLimits> limits = List.of();

  private int intermediates;

  private record Issuer(X509Certificate certificate, NameLimits limits) {}

  public ConstraintChecker(Set<TrustAnchor> anchors) {
    this.anchors = anchors;
  }

  /** A chain violates a limit of its anchor. The message names the anchor and the limit. */
  static final class AnchorException extends CertPathValidatorException {
    private static final long serialVersionUID = 1L;

    private final X500Principal anchor;

    AnchorException(String message, X509Certificate anchor, PKIXReason reason) {
      super(message, null, null, -1, reason);
      this.anchor = anchor.getSubjectX500Principal();
    }

    X500Principal anchor() {
      return anchor;
    }
  }

  @Override
  public void init(boolean forward) throws CertPathValidatorException {
    if (forward) {
      throw new CertPathValidatorException("the limits of an anchor are checked from the anchor");
    }
    issuers = null;
    limits = List.of();
    intermediates = 0;
  }

  @Override
  public boolean isForwardCheckingSupported() {
    return false;
  }

  @Override
  public @Nullable Set<String> getSupportedExtensions() {
    return null;
  }

  /** Checks the next certificate, from the one that the anchor has issued to the origin's own. */
  @Override
  public void check(Certificate next, Collection<String> unresolvedCriticalExtensions)
      throws CertPathValidatorException {
    X509Certificate certificate = (X509Certificate) next;
    List<Issuer> possible =
        issuers == null
            ? anchors.stream()
                .map(TrustAnchor::getTrustedCert)
                .filter(anchor -> CertificatePath.isSigned(certificate, anchor))
                .map(anchor -> new Issuer(anchor, NameLimits.of(anchor)))
                .toList()
            : issuers;
    List<Issuer> left = new ArrayList<>();
    AnchorException violation = null;
    for (Issuer issuer : possible) {
      Optional<AnchorException> objection = objection(issuer, certificate);
      if (objection.isPresent()) {
        violation = objection.get();
      } else {
        left.add(issuer);
      }
    }
    if (left.isEmpty()) {
      throw violation == null
          ? new CertPathValidatorException("no trust anchor has issued the chain")
          : violation;
    }
    if (!limits.stream().allMatch(each -> each.permit(certificate))) {
      throw new CertPathValidatorException(
          "name constraints", null, null, -1, PKIXReason.INVALID_NAME);
    }
    issuers = left;
    limits = Stream.concat(limits.stream(), Stream.of(NameLimits.of(certificate))).toList();
    if (!CertificatePath.isSelfIssued(certificate)) {
      intermediates++;
    }
  }

  private Optional<AnchorException> objection(Issuer issuer, X509Certificate certificate) {
    X509Certificate anchor = issuer.certificate();
    boolean version1 = anchor.getVersion() == 1;
    boolean @Nullable [] usage = anchor.getKeyUsage();
    if ((anchor.getBasicConstraints() < 0 && !version1)
        || (usage != null && !usage[KEY_CERT_SIGN])) {
      return objection("it is not a CA certificate", anchor, PKIXReason.NOT_CA_CERT);
    }
    if (!StrongChainChecker.mayVouchForServers(anchor)) {
      return objection(
          "its extended key usage excludes TLS servers", anchor, PKIXReason.INVALID_KEY_USAGE);
    }
    if (anchor.hasUnsupportedCriticalExtension()) {
      return objection(
          "it has an unknown critical extension", anchor, PKIXReason.UNRECOGNIZED_CRIT_EXT);
    }
    if (!version1 && intermediates > anchor.getBasicConstraints()) {
      return objection(
          "its path length allows %s CAs below it, but the origin sends %s"
              .formatted(anchor.getBasicConstraints(), intermediates),
          anchor,
          PKIXReason.PATH_TOO_LONG);
    }
    return issuer.limits().permit(certificate)
        ? Optional.empty()
        : objection(
            "its name constraints exclude a name of the certificate "
                + ChainFaults.name(certificate.getSubjectX500Principal()),
            anchor,
            PKIXReason.INVALID_NAME);
  }

  private static Optional<AnchorException> objection(
      String message, X509Certificate anchor, PKIXReason reason) {
    return Optional.of(new AnchorException(message, anchor, reason));
  }
}
