package org.tlsuplift.proxy.setup;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** Where the names in the certificate for a device come from. */
public sealed interface LeafNameSource {
  /** The names, or null when only the origin's certificate has them. */
  @Nullable List<String> known();

  /** The names for this certificate of the origin; may be empty. */
  List<String> namesAsOf(CertificateNames origin);

  /** How many names a leaf may carry. */
  static int most(CertificateSource certificates) {
    return certificates.oneName() ? 1 : 100;
  }

  /** The names are known before the origin is dialled. */
  record Known(List<String> known) implements LeafNameSource {
    @Override
    public List<String> namesAsOf(CertificateNames origin) {
      return known;
    }
  }

  /**
   * Only the origin's certificate has the names, so the device waits for the origin.
   *
   * @param proof the names that the origin may have
   * @param certificates the names that may be signed
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
