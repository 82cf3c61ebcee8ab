package org.tlsuplift.proxy.tls;

import java.util.Optional;

/**
 * What an origin's certificate must prove where it is not asked for by one name: that it is one of
 * those that may be spoken to.
 *
 * <p>Asked within the handshake, after its chain was found to end in a trusted root; before the
 * answer nothing is sent to the origin. Immutable.
 */
@FunctionalInterface
public interface OriginProof {
  /**
   * Why this certificate proves nothing, in one line for the operator: which names it has, and what
   * to do; empty when it does.
   */
  Optional<String> objection(CertificateNames names);

  /**
   * An origin that is asked for by one name or address, which its certificate must carry.
   *
   * @param host a host name or an address literal
   */
  static OriginProof of(String host) {
    return names ->
        names.covers(host)
            ? Optional.empty()
            : Optional.of(
                names.hosts().isEmpty() && names.addresses().isEmpty()
                    ? "the origin's certificate names no host in its subjectAltName (RFC 9525; the"
                        + " common name does not count); have one issued for "
                        + host
                    : "the origin's certificate is not for "
                        + host
                        + "; check the origin's name here, or have that name added to the"
                        + " certificate; it is for "
                        + names);
  }
}
