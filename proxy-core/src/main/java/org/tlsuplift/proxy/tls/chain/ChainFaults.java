package org.tlsuplift.proxy.tls.chain;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.tlsuplift.proxy.keyfile.CertificatePath;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Explains why the JDK refused a chain.
 *
 * <p>The JDK often reports only that it found no path. This class orders the certificates that the
 * origin sent and finds the first gap. If there is none, it validates this one path (RFC 5280
 * section 6) to find the true reason. It takes a few milliseconds, so call it only after a failure.
 */
public final class ChainFaults {
  private static final int MAX_PATH = 8;
  private static final int MAX_SHOWN = 16;
  private static final int MAX_NAME = 80;

  private final Set<TrustAnchor> anchors;

  public ChainFaults(Set<TrustAnchor> anchors) {
    this.anchors = Set.copyOf(anchors);
  }

  /**
   * The fault and its remedy in one line.
   *
   * @param shown the certificates that the origin sent, its own certificate first
   * @return empty if the chain itself has no fault
   */
  public Optional<String> explain(List<X509Certificate> shown) {
    List<X509Certificate> path = path(shown);
    X509Certificate top = path.get(path.size() - 1);
    if (isAnchor(top)) {
      if (path.size() == 1) {
        return Optional.empty();
      }
      path.remove(path.size() - 1);
    } else if (CertificatePath.isSelfIssued(top)) {
      return Optional.of(
          path.size() == 1
              ? "the origin's certificate is self-signed; if it is genuine, add it to"
                  + " upstream.trust"
              : ("the origin's chain ends in the root %s, which is not trusted here; if it is "
                      + "genuine, add that root to upstream.trust")
                  .formatted(name(top.getSubjectX500Principal())));
    } else if (anchors.stream()
        .noneMatch(anchor -> CertificatePath.isSigned(top, anchor.getTrustedCert()))) {
      return Optional.of(gap(top));
    }
    return refusal(path);
  }

  /**
   * The issuer of the origin's own certificate.
   *
   * @param shown the certificates that the origin sent, its own certificate first
   */
  public Optional<X509Certificate> issuer(List<X509Certificate> shown) {
    return Stream.concat(
            shown.stream().limit(MAX_SHOWN), anchors.stream().map(TrustAnchor::getTrustedCert))
        .filter(each -> CertificatePath.isSigned(shown.get(0), each))
        .findFirst();
  }

  /** The path from the origin's certificate upwards, as far as the origin sent it. */
  private static List<X509Certificate> path(List<X509Certificate> shown) {
    List<X509Certificate> path = new ArrayList<>(List.of(shown.get(0)));
    while (path.size() < MAX_PATH) {
      X509Certificate last = path.get(path.size() - 1);
      Optional<X509Certificate> issuer =
          shown.stream()
              .limit(MAX_SHOWN)
              .filter(each -> !path.contains(each) && CertificatePath.isSigned(last, each))
              .findFirst();
      if (CertificatePath.isSelfIssued(last) || issuer.isEmpty()) {
        return path;
      }
      path.add(issuer.get());
    }
    return path;
  }

  private boolean isAnchor(X509Certificate certificate) {
    return anchors.stream().anyMatch(anchor -> anchor.getTrustedCert().equals(certificate));
  }

  /** The message about a missing issuer, with the address of its certificate if it is known. */
  private static String gap(X509Certificate top) {
    String issuer = name(top.getIssuerX500Principal());
    return StatusSources.issuerAddress(top)
        .map(
            address ->
                ("the origin does not send the intermediate certificate %s; install the full chain "
                        + "on the origin; that certificate is at %s")
                    .formatted(issuer, address))
        .orElse(
            "the issuer "
                + issuer
                + " is not trusted here, and the origin does not send its certificate; install the"
                + " full chain on the origin, or if the issuer is your own root, add it to"
                + " upstream.trust");
  }

  private Optional<String> refusal(List<X509Certificate> path) {
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.addCertPathChecker(new StrongChainChecker());
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
      return Optional.empty();
    } catch (CertPathValidatorException refused) {
      int at = refused.getIndex();
      X509Certificate certificate = at >= 0 && at < path.size() ? path.get(at) : path.get(0);
      return Optional.of(text(refused, certificate, whose(certificate, path)));
    } catch (GeneralSecurityException broken) {
      return Optional.empty();
    }
  }

  private static String whose(X509Certificate certificate, List<X509Certificate> path) {
    return certificate.equals(path.get(0))
        ? "the origin's certificate"
        : "the origin's intermediate certificate " + name(certificate.getSubjectX500Principal());
  }

  private static String text(
      CertPathValidatorException refused, X509Certificate certificate, String whose) {
    if (refused.getReason() == BasicReason.EXPIRED
        || refused.getCause() instanceof CertificateExpiredException) {
      return "%s has expired (%s); renew it on the origin, or check this machine's clock"
          .formatted(whose, certificate.getNotAfter().toInstant());
    }
    if (refused.getReason() == BasicReason.NOT_YET_VALID
        || refused.getCause() instanceof CertificateNotYetValidException) {
      return "%s is not valid yet (%s); check this machine's clock"
          .formatted(whose, certificate.getNotBefore().toInstant());
    }
    if (refused.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
      return ("the origin's certificate chain is too weak: %s (%s); get a new certificate with "
              + "SHA-256 and RSA-2048 or P-256")
          .formatted(refused.getMessage(), name(certificate.getSubjectX500Principal()));
    }
    if (refused.getReason() == PKIXReason.INVALID_NAME) {
      return ("the CA %s may not issue certificates for this name (its name constraints exclude "
              + "it); get the origin's certificate from another CA")
          .formatted(name(certificate.getIssuerX500Principal()));
    }
    if (refused.getReason() == PKIXReason.INVALID_KEY_USAGE) {
      return ("%s may not issue TLS server certificates: %s; get the origin's certificate from "
              + "another CA")
          .formatted(whose, refused.getMessage());
    }
    return whose + " was refused: " + refused.getMessage();
  }

  /** A name for people, cut so that a hostile origin cannot make it long. */
  private static String name(X500Principal principal) {
    return ShortText.cut(principal.getName(), MAX_NAME);
  }
}
