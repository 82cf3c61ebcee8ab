package org.tlsuplift.proxy.tls;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.chain.NameLimits;

/**
 * The names of a certificate, only from its subjectAltName (RFC 9525 section 2).
 *
 * <p>They are read from the signed bytes. If a CA has name constraints, the JDK adds the common
 * name to the parsed names of each certificate below it, for every later reader ({@code
 * NameConstraintsExtension.verify}, JDK 17 to 25). Names that the JDK cannot parse do not count
 * either, because it compared none of them with the name constraints.
 *
 * @param hosts normalised host names, and wildcards for one whole label such as {@code
 *     *.example.com}
 */
public record CertificateNames(List<String> hosts, List<InetAddress> addresses) {
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
    for (GeneralName name : alternatives(certificate)) {
      if (name.getTagNo() == GeneralName.dNSName) {
        String host = HostPort.normalise(name.getName().toString());
        if (HostPort.isHostName(host) || HostPort.wildcardSuffix(host).isPresent()) {
          hosts.add(host);
        }
      } else if (name.getTagNo() == GeneralName.iPAddress) {
        address(ASN1OctetString.getInstance(name.getName()).getOctets()).ifPresent(addresses::add);
      }
    }
    return new CertificateNames(hosts, addresses);
  }

  private static List<GeneralName> alternatives(X509Certificate certificate) {
    try {
      return certificate.getSubjectAlternativeNames() == null
          ? List.of()
          : NameLimits.alternatives(certificate).orElse(List.of());
    } catch (CertificateParsingException malformed) {
      return List.of();
    }
  }

  private static Optional<InetAddress> address(byte[] octets) {
    try {
      return Optional.of(InetAddress.getByAddress(octets));
    } catch (UnknownHostException malformed) {
      return Optional.empty();
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
