package org.tlsuplift.proxy.route;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.CertificateNames;

/**
 * The hosts of a certificate that are in an endpoint list, on the port of an address.
 *
 * @param address the address of the origin that presented the certificate
 */
record CertificateMatch(EndpointList list, HostPort address, CertificateNames certificate) {
  /**
   * The certain matches: names in the list, wildcards that the list includes as a whole, names of
   * the list that a wildcard covers, and the address if the certificate includes it.
   */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (String host : certificate.hosts()) {
      Optional<WildcardName> wildcard = WildcardName.of(host);
      if (wildcard.isPresent()) {
        addWildcard(names, wildcard.get());
      } else if (list.contains(new HostPort(host, address.port()))) {
        names.add(host);
      }
    }
    if (isForAddress() && list.contains(address)) {
      names.add(address.host());
    }
    return names;
  }

  private void addWildcard(Set<String> names, WildcardName wildcard) {
    if (list.anyOn(address.port(), wildcard::isWithin)) {
      names.add(wildcard.toString());
    }
    for (Destination destination : list.destinations()) {
      if (destination.hosts() instanceof HostPattern.Exact exact
          && destination.ports().contains(address.port())
          && wildcard.covers(exact.name())) {
        names.add(exact.name());
      }
    }
  }

  /** Whether there is a certain match, or a wildcard could cover a host in the list. */
  boolean isPossible() {
    return !names().isEmpty()
        || certificate.hosts().stream()
            .flatMap(host -> WildcardName.of(host).stream())
            .anyMatch(wildcard -> list.anyOn(address.port(), wildcard::mayMeet));
  }

  private boolean isForAddress() {
    return Cidr.address(address.host()).filter(certificate.addresses()::contains).isPresent();
  }
}
