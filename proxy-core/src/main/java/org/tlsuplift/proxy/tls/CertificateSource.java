package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Provides the certificates for devices. Thread-safe. */
public interface CertificateSource {
  /**
   * A leaf with all these names.
   *
   * <p>Never blocks: another thread makes a new leaf, once for all simultaneous requests.
   *
   * @param names 1 to 100 host names, wildcards or address literals, normalised; the first is the
   *     subject
   * @return completed at once if the leaf is cached, otherwise on any thread; fails with a {@link
   *     CertificateUnavailableException} if no certificate may or can be made for a name
   */
  CompletionStage<Leaf> leafFor(List<String> names);

  /** Whether a certificate may be made for a host name, wildcard or address literal. */
  boolean maySign(String name);

  /** Whether a leaf has only the first of its names, so that the caller must choose this name. */
  default boolean oneName() {
    return false;
  }
}
