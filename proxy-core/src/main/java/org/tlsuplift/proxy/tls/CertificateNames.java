package org.tlsuplift.proxy.tls;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The names of a certificate, only from its subjectAltName (RFC 9525 section 2).
 *
 * @param hosts normalised host names, and wildcards for one whole label such as {@code
 *     *.example.com}
 */
public record CertificateNames(List<String> hosts, List<InetAddress> addresses) {
  private static final int DNS = 2;
  private static final int ADDRESS = 7;
  private static final int SHOWN = 8;
  private static final int SHOWN_CHARACTERS = 100;

  public CertificateNames {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
  }

  /** Reads a certificate; malformed names are ignored. */
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
        HostPort.address(String.valueOf(name.get(1))).ifPresent(addresses::add);
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

  /**
   * Whether the certificate is for a host: by name, by a wildcard for the leftmost label (RFC 9525
   * section 6.3), or by address.
   *
   * @param host a host name or an address literal
   */
  public boolean covers(String host) {
    if (HostPort.isAddressLiteral(host)) {
      return addresses.contains(NetUtil.createInetAddressFromIpAddressString(host));
    }
    String name = HostPort.normalise(host);
    int dot = name.indexOf('.');
    return hosts.contains(name) || (dot > 0 && hosts.contains("*" + name.substring(dot)));
  }

  /** The names for the operator: at most eight, and at least one, in about 100 characters. */
  @Override
  public String toString() {
    List<String> all =
        Stream.concat(hosts.stream(), addresses.stream().map(InetAddress::getHostAddress)).toList();
    StringBuilder text = new StringBuilder();
    int shown = 0;
    for (String name : all) {
      if (shown == SHOWN || (shown > 0 && text.length() + name.length() > SHOWN_CHARACTERS)) {
        break;
      }
      text.append(shown == 0 ? "" : ", ").append(name);
      shown++;
    }
    if (shown < all.size()) {
      text.append(" and ").append(all.size() - shown).append(" more");
    }
    return all.isEmpty() ? "no name" : text.toString();
  }
}
