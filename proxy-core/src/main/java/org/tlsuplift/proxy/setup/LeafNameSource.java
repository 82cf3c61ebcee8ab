package org.tlsuplift.proxy.setup;

import java.util.List;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** Where the names come from that a device's certificate carries. */
public sealed interface LeafNameSource {
  /** How many names a leaf may carry. */
  static int most(CertificateSource certificates) {
    return certificates.oneName() ? 1 : 100;
  }

  /** They are known before the origin is. */
  record Known(List<String> names) implements LeafNameSource {}

  /**
   * Nobody said a name: the origin's certificate tells, so that it is waited for.
   *
   * @param proof what the origin has proven
   * @param certificates what may be signed
   */
  record OfOrigin(NamedByCertificate proof, CertificateSource certificates)
      implements LeafNameSource {
    /** The origin's own names, as far as it may be called by them; may be empty. */
    List<String> names(CertificateNames origin) {
      return proof.names(origin).stream()
          .filter(certificates::maySign)
          .limit(most(certificates))
          .toList();
    }
  }
}
