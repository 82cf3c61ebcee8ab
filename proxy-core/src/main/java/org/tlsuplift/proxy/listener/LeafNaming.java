package org.tlsuplift.proxy.listener;

import java.util.List;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** Where the names come from that a device's certificate carries. */
sealed interface LeafNaming {
  /** They are known before the origin is. */
  record Known(List<String> names) implements LeafNaming {}

  /**
   * Nobody said a name: the origin's certificate tells, so that it is waited for.
   *
   * @param proof what the origin has proven
   * @param certificates what may be signed
   */
  record OfOrigin(NamedByCertificate proof, CertificateSource certificates) implements LeafNaming {
    /** More are in no certificate that devices would like. */
    private static final int MAX_NAMES = 100;

    /** The origin's own names, as far as it may be called by them; may be empty. */
    List<String> names(CertificateNames origin) {
      return proof.names(origin).stream().filter(certificates::maySign).limit(MAX_NAMES).toList();
    }
  }
}
