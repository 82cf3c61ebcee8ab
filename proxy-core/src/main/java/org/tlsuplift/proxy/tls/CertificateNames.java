package org.tlsuplift.proxy.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.session.HostPort;

/**
 * Whom a certificate is for: what its subjectAltName says, and nothing else (RFC 9525 section 2).
 *
 * @param hosts names and, as {@code *.example.com}, wildcards for one whole label; normalised
 * @param addresses IP addresses
 */
public record CertificateNames(List<String> hosts, List<InetAddress> addresses) {
  private static final int DNS = 2;
  private static final int ADDRESS = 7;
  private static final int SHOWN = 8;

  /** Copies the lists. */
  public CertificateNames {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
  }

  /** Reads a certificate; what is not understood in it vouches for nobody. */
  public static CertificateNames of(X509Certificate certificate) {
    List<String> hosts = new ArrayList<>();
    List<InetAddress> addresses = new ArrayList<>();
    for (List<?> name : alternatives(certificate)) {
      if (name.get(0).equals(DNS)) {
        String host = HostPort.normalise(String.valueOf(name.get(1)));
        if (HostPort.isHostName(host) || HostPort.wildcardSuffix(host).isPresent()) {
          hosts.add(host);
        }
      } else if (name.get(0).equals(ADDRESS)) {
        addAddress(addresses, String.valueOf(name.get(1)));
      }
    }
    return new CertificateNames(hosts, addresses);
  }

  private static Collection<List<?>> alternatives(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException malformed) {
      return List.of();
    }
  }

  private static void addAddress(List<InetAddress> addresses, String text) {
    try {
      if (HostPort.isAddressLiteral(text)) {
        // A literal is only read: nothing is looked up.
        addresses.add(InetAddress.getByName(text));
      }
    } catch (UnknownHostException malformed) {
      throw new IllegalStateException("not an address: " + text, malformed);
    }
  }

  /** For the operator: the first few. */
  @Override
  public String toString() {
    List<String> all =
        Stream.concat(hosts.stream(), addresses.stream().map(InetAddress::getHostAddress)).toList();
    String shown = all.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return all.isEmpty()
        ? "no name"
        : all.size() <= SHOWN ? shown : shown + " and " + (all.size() - SHOWN) + " more";
  }
}
