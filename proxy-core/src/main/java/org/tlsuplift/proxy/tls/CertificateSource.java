package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.outcome.OperatorException;

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
   *     {@link OperatorException} if no certificate may or can be made for a name
   */
  CompletionStage<Leaf> leafFor(List<String> names);

  /**
   * Returns a leaf with a P-256 key, as {@link #leafFor} does; only if there {@link #hasEcLeaves
   * are} such leaves.
   */
  default CompletionStage<Leaf> ecLeafFor(List<String> names) {
    return leafFor(names);
  }

  /** Whether a device may get a leaf with a P-256 key in place of the usual one. */
  default boolean hasEcLeaves() {
    return false;
  }

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
