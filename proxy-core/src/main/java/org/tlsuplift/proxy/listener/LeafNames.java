package org.tlsuplift.proxy.listener;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.TlsVersion;
import org.tlsuplift.proxy.tls.CertificateSource;

/**
 * What a device expects to be told: the names in its certificate, and the ALPN names worth asking
 * for.
 */
final class LeafNames {
  private LeafNames() {}

  /**
   * The name in the SNI, else the target; then the names by which devices know the listener.
   *
   * <p>An SNI that the authority may not sign is passed over: a device that cares about the name
   * would refuse any certificate. Where a leaf carries one name, a device that sends none is taken
   * to know a fixed listener by the first of its names, if it has any.
   *
   * <p>Where only an address is known, it is the names of an endpoint list for it, or those of the
   * origin's certificate: what a device that goes there sees without this proxy. The address itself
   * is not in Microsoft's certificates either, and OpenSSL 1.0.2 refuses one that is.
   */
  static LeafNaming of(
      ListenerSpec spec,
      HostPort target,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // Where devices are signed in the origin is dialled last, and cannot be asked.
    if (bridge.proof() instanceof NamedByCertificate proof && spec.signIn() == null) {
      return new LeafNaming.OfOrigin(proof, certificates);
    }
    if (bridge.proof() instanceof NamedByList list) {
      List<String> signable =
          list.names().stream()
              .filter(certificates::maySign)
              .limit(LeafNaming.most(certificates))
              .toList();
      return new LeafNaming.Known(signable.isEmpty() ? list.names() : signable);
    }
    Set<String> names = new LinkedHashSet<>();
    String sni = hello.serverName();
    boolean named = sni != null && !sni.startsWith("*") && certificates.maySign(sni);
    if (certificates.oneName()) {
      return new LeafNaming.Known(
          List.of(named ? sni : spec.serverNames().stream().findFirst().orElse(target.host())));
    }
    names.add(named ? sni : target.host());
    if (spec.accept() instanceof Accept.Fixed) {
      names.add(target.host());
      names.addAll(spec.serverNames());
    }
    return new LeafNaming.Known(List.copyOf(names));
  }

  /**
   * What to offer the origin: HTTP/2 needs TLS 1.2 (RFC 9113 section 9.2) on the device's side too.
   */
  static List<String> bridgeableProtocols(ClientHello hello) {
    boolean modern =
        hello.newestVersion().filter(v -> v.compareTo(TlsVersion.TLS_1_2) >= 0).isPresent();
    return modern
        ? hello.applicationProtocols()
        : hello.applicationProtocols().stream().filter(name -> !name.equals("h2")).toList();
  }
}
