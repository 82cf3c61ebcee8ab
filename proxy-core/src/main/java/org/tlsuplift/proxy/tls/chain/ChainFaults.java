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
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.ShortText;

/**
 * Explains why the JDK refused a certificate chain.
 *
 * <p>The JDK often reports only that it found no path. This class sorts the certificates that the
 * origin sent and finds the first missing one. If none is missing, it validates this one path (RFC
 * 5280 section 6) to find the cause. This takes a few milliseconds, so call it only after a
 * failure. Thread-safe.
 */
public final class ChainFaults {
  /** The most certificates that an origin may send. Netty with BoringSSL drops all after them. */
  public static final int MAX_SHOWN = 10;

  private static final int MAX_NAME = 80;

  private final Set<TrustAnchor> anchors;

  public ChainFaults(Set<TrustAnchor> anchors) {
    this.anchors = Set.copyOf(anchors);
  }

  /**
   * The cause and the remedy.
   *
   * @param shown the certificates that the origin sent, its own certificate first
   * @return empty if the chain has no fault
   */
  public Optional<Explanation> explain(List<X509Certificate> shown) {
    List<X509Certificate> path = path(shown);
    X509Certificate top = path.get(path.size() - 1);
    if (path.size() == 1 && isAnchor(top)) {
      return Optional.empty();
    }
    if (path.size() > 1 && hasKeyOfAnchor(top)) {
      path.remove(path.size() - 1);
    } else if (CertificatePath.isSelfIssued(top) && !hasKeyOfAnchor(top)) {
      return Optional.of(
          path.size() == 1
              ? Explanation.of(
                  "the origin's certificate is self-signed",
                  "if the certificate is correct, add it to upstream.trust")
              : Explanation.of(
                  "the origin's chain ends in an untrusted root: "
                      + name(top.getSubjectX500Principal()),
                  "if the root is correct, add it to upstream.trust"));
    } else if (anchors.stream()
        .noneMatch(anchor -> CertificatePath.isSigned(top, anchor.getTrustedCert()))) {
      return Optional.of(shown.size() < MAX_SHOWN ? gap(top) : tooMany());
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

  /** The path from the origin's certificate to its issuers, as far as the origin sent them. */
  private static List<X509Certificate> path(List<X509Certificate> shown) {
    List<X509Certificate> path = new ArrayList<>(List.of(shown.get(0)));
    while (path.size() < MAX_SHOWN) {
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

  /**
   * Whether it is an anchor, or another certificate of one, which the JDK replaces by the anchor.
   */
  private boolean hasKeyOfAnchor(X509Certificate certificate) {
    return anchors.stream()
        .map(TrustAnchor::getTrustedCert)
        .anyMatch(
            anchor ->
                anchor.getSubjectX500Principal().equals(certificate.getSubjectX500Principal())
                    && anchor.getPublicKey().equals(certificate.getPublicKey()));
  }

  /** Explains a missing issuer, with the address of its certificate if it is known. */
  private static Explanation gap(X509Certificate top) {
    String issuer = name(top.getIssuerX500Principal());
    return StatusSources.issuerAddress(top)
        .map(
            address ->
                new Explanation(
                    "the origin does not send the intermediate certificate " + issuer,
                    "install the full chain on the origin",
                    "the intermediate certificate is at " + address))
        .orElse(
            Explanation.of(
                "the origin's issuer is untrusted and not sent: " + issuer,
                "install the full chain on the origin, or add your root to upstream.trust"));
  }

  private static Explanation tooMany() {
    return Explanation.of(
        "the origin sends more than %d intermediate certificates, or an untrusted issuer"
            .formatted(MAX_SHOWN - 1),
        "install a shorter chain on the origin: the first %d certificates are read"
            .formatted(MAX_SHOWN));
  }

  /** Adds the requirements for origins to those of RFC 5280. */
  public static void require(PKIXParameters parameters) {
    parameters.setRevocationEnabled(false);
    parameters.addCertPathChecker(new StrongChainChecker());
    parameters.addCertPathChecker(new ConstraintChecker(parameters.getTrustAnchors()));
  }

  private Optional<Explanation> refusal(List<X509Certificate> path) {
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      require(parameters);
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
      return Optional.empty();
    } catch (CertPathValidatorException refused) {
      if (refused.getCause() instanceof ConstraintChecker.AnchorException limit) {
        return Optional.of(
            Explanation.of(
                "the trusted root %s does not allow the origin's chain: %s"
                    .formatted(name(limit.anchor()), limit.getMessage()),
                "have the origin's certificate issued by another CA, or replace the root in"
                    + " upstream.trust"));
      }
      int at = refused.getIndex();
      X509Certificate certificate = at >= 0 && at < path.size() ? path.get(at) : path.get(0);
      return Optional.of(explain(refused, certificate, whose(certificate, path)));
    } catch (GeneralSecurityException broken) {
      return Optional.empty();
    }
  }

  private static String whose(X509Certificate certificate, List<X509Certificate> path) {
    return certificate.equals(path.get(0))
        ? "the origin's certificate"
        : "the origin's intermediate certificate " + name(certificate.getSubjectX500Principal());
  }

  private static Explanation explain(
      CertPathValidatorException refused, X509Certificate certificate, String whose) {
    if (refused.getReason() == BasicReason.EXPIRED
        || refused.getCause() instanceof CertificateExpiredException) {
      return Explanation.of(
          "%s has expired (%s)".formatted(whose, certificate.getNotAfter().toInstant()),
          "renew it on the origin, or check this machine's clock");
    }
    if (refused.getReason() == BasicReason.NOT_YET_VALID
        || refused.getCause() instanceof CertificateNotYetValidException) {
      return Explanation.of(
          "%s is not valid yet (%s)".formatted(whose, certificate.getNotBefore().toInstant()),
          "check this machine's clock");
    }
    if (refused.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
      return Explanation.of(
          "the origin's certificate chain is too weak: %s (%s)"
              .formatted(refused.getMessage(), name(certificate.getSubjectX500Principal())),
          "have it issued again with SHA-256 and RSA-2048 or P-256");
    }
    if (refused.getReason() == PKIXReason.INVALID_NAME) {
      return Explanation.of(
          "the CA's name constraints exclude this name: "
              + name(certificate.getIssuerX500Principal()),
          "have the origin's certificate issued by another CA");
    }
    if (refused.getReason() == PKIXReason.INVALID_KEY_USAGE) {
      return Explanation.of(
          "%s may not issue TLS server certificates: %s".formatted(whose, refused.getMessage()),
          "have the origin's certificate issued by another CA");
    }
    return Explanation.of(whose + " was refused: " + refused.getMessage());
  }

  /** A readable name, shortened because a hostile origin could make it long. */
  static String name(X500Principal principal) {
    return ShortText.cut(principal.getName(), MAX_NAME);
  }
}
