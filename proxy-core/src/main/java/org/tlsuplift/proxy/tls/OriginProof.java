package org.tlsuplift.proxy.tls;

import java.util.Optional;
import org.tlsuplift.proxy.model.Explanation;

/**
 * The condition that the names in an origin's certificate must meet: one name, or one of several
 * that a route allows.
 *
 * <p>The proxy checks it during the handshake, after it has verified the chain. Before that, it
 * sends no application data. Immutable.
 */
@FunctionalInterface
public interface OriginProof {
  /** Why the names do not meet the condition, for the operator; empty if they do. */
  Optional<Explanation> objection(CertificateNames names);

  /**
   * The condition that the certificate is for one name or address.
   *
   * @param host a host name or an address literal
   */
  static OriginProof of(String host) {
    return names ->
        names.covers(host)
            ? Optional.empty()
            : Optional.of(
                names.hosts().isEmpty() && names.addresses().isEmpty()
                    // RFC 9525: the common name does not count.
                    ? Explanation.of(
                        "the origin's certificate has no host name in its subjectAltName",
                        "have a certificate issued for " + host)
                    : new Explanation(
                        "the origin's certificate is not for " + host,
                        "check the origin's name here, or have that name added to the certificate",
                        "the certificate is for " + names));
  }
}
