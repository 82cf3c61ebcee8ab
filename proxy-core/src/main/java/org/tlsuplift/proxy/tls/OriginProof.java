package org.tlsuplift.proxy.tls;

import java.util.Optional;
import org.tlsuplift.proxy.model.Explanation;

/**
 * What an origin's certificate must prove if the origin is not asked for by one name: that it is
 * one of the allowed ones.
 *
 * <p>Checked within the handshake, after the chain ends in a trusted root; before that nothing is
 * sent to the origin. Immutable.
 */
@FunctionalInterface
public interface OriginProof {
  /** Why this certificate proves nothing, for the operator; empty if it does. */
  Optional<Explanation> objection(CertificateNames names);

  /**
   * The proof of one name or address, which the certificate must carry.
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
                        "the origin's certificate names no host in its subjectAltName",
                        "have one issued for " + host)
                    : new Explanation(
                        "the origin's certificate is not for " + host,
                        "check the origin's name here, or have that name added to the certificate",
                        "it is for " + names));
  }
}
