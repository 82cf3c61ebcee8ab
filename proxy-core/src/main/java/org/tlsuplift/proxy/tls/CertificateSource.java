package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Provides the certificates for devices. Thread-safe. */
public interface CertificateSource {
  /**
   * Returns a leaf with all these names.
   *
   * <p>Never blocks: another thread makes a new leaf, once for all simultaneous requests.
   *
   * @param names 1 to 100 host names, wildcards or address literals, normalised; the first is the
   *     subject
   * @return completed immediately if the leaf is cached, otherwise on any thread; fails with a
   *     {@link CertificateUnavailableException} if no certificate may or can be made for a name
   */
  CompletionStage<Leaf> leafFor(List<String> names);

  /** Whether a certificate may be made for a host name, wildcard or address literal. */
  boolean maySign(String name);

  /**
   * The names of the only certificate that there is, at least one; empty if certificates are made
   * for the names that devices request.
   */
  default List<String> ownNames() {
    return List.of();
  }

  /**
   * Whether a leaf contains only the first of the requested names. The caller must choose it then.
   */
  default boolean oneName() {
    return false;
  }
}
