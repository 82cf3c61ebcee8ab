package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where the certificates shown to devices come from. Thread-safe. */
public interface CertificateSource {
  /**
   * A leaf that carries all these names.
   *
   * <p>Never blocks: what must be made first is made elsewhere, and one name asked for by many at
   * once is made once.
   *
   * @param names host names, wildcards or address literals, normalised, the first one is the
   *     subject; 1 to 100
   * @return completed at once when the leaf is at hand, on any thread otherwise; with a {@link
   *     CertificateUnavailableException} when no certificate may or can be made for a name
   */
  CompletionStage<Leaf> leafFor(List<String> names);

  /** Whether a certificate may be made for that host name, wildcard or address literal. */
  boolean maySign(String name);

  /** Whether a leaf carries the first of its names only: who asks then chooses it with care. */
  default boolean oneName() {
    return false;
  }
}
