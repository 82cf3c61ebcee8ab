package org.tlsuplift.proxy.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.tlsuplift.proxy.tls.chain.ChainFaults;
import org.tlsuplift.proxy.tls.chain.ConstraintChecker;
import org.tlsuplift.proxy.tls.chain.StrongChainChecker;

/**
 * The trusted root certificates for origins. Thread-safe.
 *
 * <p>The JDK builds and verifies chains (RFC 5280). A {@link StrongChainChecker} also refuses weak
 * certificates, because the JDK checks the strength only in chains to its own roots. A {@link
 * ConstraintChecker} also checks the limits in the roots' certificates.
 */
public final class OriginTrust {
  private final Set<X509Certificate> roots;
  private final Set<TrustAnchor> anchors;
  private final boolean own;

  private OriginTrust(Collection<X509Certificate> roots, boolean own) {
    if (roots.isEmpty()) {
      throw new IllegalArgumentException(
          "no trusted root certificates: the trust store is empty, so no origin could be verified");
    }
    this.roots = Set.copyOf(roots);
    this.anchors = new HashSet<>();
    for (X509Certificate root : roots) {
      anchors.add(new TrustAnchor(root, null));
    }
    this.own = own;
  }

  /**
   * Trusts the roots in the Java runtime's trust store.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static OriginTrust system() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return new OriginTrust(
          Arrays.stream(factory.getTrustManagers())
              .filter(X509TrustManager.class::isInstance)
              .flatMap(m -> Arrays.stream(((X509TrustManager) m).getAcceptedIssuers()))
              .toList(),
          false);
    } catch (GeneralSecurityException broken) {
      throw new IllegalArgumentException(
          "the Java runtime's trust store cannot be read: " + broken.getMessage(), broken);
    }
  }

  /**
   * Trusts only these roots.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static OriginTrust of(Collection<X509Certificate> roots) {
    return new OriginTrust(roots, true);
  }

  /**
   * Trusts only the roots in a file.
   *
   * @param bundle PEM
   * @throws IllegalArgumentException if there are none
   */
  public static OriginTrust of(Path bundle) throws IOException, CertificateException {
    try (InputStream content = Files.newInputStream(bundle)) {
      return of(
          CertificateFactory.getInstance("X.509").generateCertificates(content).stream()
              .map(X509Certificate.class::cast)
              .toList());
    }
  }

  /** Whether the operator configured the roots. Their CAs may be in the operator's network. */
  public boolean isOwn() {
    return own;
  }

  /**
   * The issuer of an origin's certificate.
   *
   * @param shown the certificates that the origin sent, its own certificate first
   */
  public Optional<X509Certificate> issuer(List<X509Certificate> shown) {
    return faults().issuer(shown);
  }

  public int size() {
    return anchors.size();
  }

  /** The JDK's chain verification with only these roots. */
  public X509ExtendedTrustManager chains() {
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      ChainFaults.require(parameters);
      // The JDK's default of 5 is only for chains that are not in order.
      parameters.setMaxPathLength(ChainFaults.MAX_SHOWN - 1);
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException("this Java runtime cannot verify certificate chains"));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this Java runtime cannot verify certificates", impossible);
    }
  }

  ChainFaults faults() {
    return new ChainFaults(anchors);
  }

  /** Whether both trust the same roots from the same kind of source. */
  @Override
  public boolean equals(Object other) {
    return other instanceof OriginTrust trust && own == trust.own && roots.equals(trust.roots);
  }

  @Override
  public int hashCode() {
    return Objects.hash(roots, own);
  }
}
