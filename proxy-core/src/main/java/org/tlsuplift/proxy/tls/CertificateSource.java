package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Provides the certificates for devices. Thread-safe. */
public interface CertificateSource {
  /**
   * A leaf that carries all these names.
   *
   * <p>Never blocks: another thread makes a new leaf, once for all that ask for it at the same
   * time.
   *
   * @param names host names, wildcards or address literals, normalised, the first one is the
   *     subject; 1 to 100
   * @return completed at once if the leaf is cached, on any thread otherwise; with a {@link
   *     CertificateUnavailableException} if no certificate may or can be made for a name
   */
  CompletionStage<Leaf> leafFor(List<String> names);

  /** Whether a certificate may be made for that host name, wildcard or address literal. */
  boolean maySign(String name);

  /**
   * Whether a leaf carries only the first of its names, so that the caller chooses it with care.
   */
  default boolean oneName() {
    return false;
  }
}
