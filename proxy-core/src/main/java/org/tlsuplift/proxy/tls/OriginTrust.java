package org.tlsuplift.proxy.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.tlsuplift.proxy.tls.chain.ChainFaults;
import org.tlsuplift.proxy.tls.chain.StrongChainChecker;

/**
 * The roots that an origin's chain must end in.
 *
 * <p>The JDK builds and checks chains (RFC 5280). A {@link StrongChainChecker} refuses weak
 * certificates, which the JDK itself checks only for its own roots.
 */
public final class OriginTrust {
  private final Set<TrustAnchor> anchors;
  private final boolean own;

  private OriginTrust(Set<TrustAnchor> anchors, boolean own) {
    if (anchors.isEmpty()) {
      throw new IllegalArgumentException(
          "no trusted root certificates: the trust store is empty, so no origin could be verified");
    }
    this.anchors = Set.copyOf(anchors);
    this.own = own;
  }

  /**
   * The roots that this system's Java trusts.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static OriginTrust system() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return new OriginTrust(
          anchors(
              Arrays.stream(factory.getTrustManagers())
                  .filter(X509TrustManager.class::isInstance)
                  .flatMap(m -> Arrays.stream(((X509TrustManager) m).getAcceptedIssuers()))
                  .toList()),
          false);
    } catch (GeneralSecurityException broken) {
      throw new IllegalArgumentException(
          "the system's trust store cannot be read: " + broken.getMessage(), broken);
    }
  }

  /**
   * Only these roots.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static OriginTrust of(Collection<X509Certificate> roots) {
    return new OriginTrust(anchors(roots), true);
  }

  private static Set<TrustAnchor> anchors(Collection<X509Certificate> roots) {
    return roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet());
  }

  /** Whether the operator configured the roots, whose CAs may be in the operator's network. */
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

  /** The JDK's verification of chains, which trusts only these roots. */
  public X509ExtendedTrustManager chains() {
    try {
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      parameters.setRevocationEnabled(false);
      parameters.addCertPathChecker(new StrongChainChecker());
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("this Java cannot verify chains"));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this Java cannot verify certificates", impossible);
    }
  }

  ChainFaults faults() {
    return new ChainFaults(anchors);
  }
}
