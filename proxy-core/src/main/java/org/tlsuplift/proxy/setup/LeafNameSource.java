package org.tlsuplift.proxy.setup;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** Where the names come from that a device's certificate carries. */
public sealed interface LeafNameSource {
  /** The names, or null when only the origin's certificate has them. */
  @Nullable List<String> known();

  /** The names for this certificate of the origin; may be empty. */
  List<String> namesAsOf(CertificateNames origin);

  /** How many names a leaf may carry. */
  static int most(CertificateSource certificates) {
    return certificates.oneName() ? 1 : 100;
  }

  /** They are known before the origin is. */
  record Known(List<String> known) implements LeafNameSource {
    @Override
    public List<String> namesAsOf(CertificateNames origin) {
      return known;
    }
  }

  /**
   * Nobody said a name: the origin's certificate tells, so that it is waited for.
   *
   * @param proof what the origin has proven
   * @param certificates what may be signed
   */
  record OfOrigin(NamedByCertificate proof, CertificateSource certificates)
      implements LeafNameSource {
    @Override
    public @Nullable List<String> known() {
      return null;
    }

    @Override
    public List<String> namesAsOf(CertificateNames origin) {
      return proof.names(origin).stream()
          .filter(certificates::maySign)
          .limit(most(certificates))
          .toList();
    }
  }
}
