package org.tlsuplift.proxy.tls;

import java.util.Optional;

/**
 * An origin that is asked for by one name or address, which its certificate must carry.
 *
 * @param host a host name or an address literal
 */
record NamedOrigin(String host) implements OriginProof {
  @Override
  public Optional<String> objection(CertificateNames names) {
    if (names.covers(host)) {
      return Optional.empty();
    }
    return Optional.of(
        names.hosts().isEmpty() && names.addresses().isEmpty()
            ? "the origin's certificate names no host in its subjectAltName (RFC 9525; the common"
                + " name does not count); have one issued for "
                + host
            : "the origin's certificate is not for "
                + host
                + "; check the origin's name here, or have that name added to the certificate; it"
                + " is for "
                + names);
  }
}
