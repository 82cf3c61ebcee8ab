package org.tlsuplift.proxy.setup;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.CertificateSource;

/**
 * What a device expects to be told: the names in its certificate, and the ALPN names worth asking
 * for.
 */
public final class LeafNameChooser {
  private LeafNameChooser() {}

  /**
   * The name that the origin proves, and those by which devices know the listener: all of them on a
   * fixed listener, elsewhere the one that the device asks for. The name in the SNI comes first if
   * it is one of these; no other name in an SNI is ever signed, because the origin does not prove
   * it.
   *
   * <p>Where a leaf carries one name, a device that sends none is taken to know a fixed listener by
   * the first of its names, if it has any.
   *
   * <p>Where only an address is known, it is the names of an endpoint list for it, or those of the
   * origin's certificate: what a device that goes there sees without this proxy. The address itself
   * is not in Microsoft's certificates either, and OpenSSL 1.0.2 refuses one that is.
   */
  public static LeafNameSource of(
      ListenerSpec spec,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // Where devices are signed in the origin is dialled last, and cannot be asked.
    if (bridge.proof() instanceof NamedByCertificate proof && spec.signIn() == null) {
      return new LeafNameSource.OfOrigin(proof, certificates);
    }
    if (bridge.proof() instanceof NamedByList list) {
      List<String> signable =
          list.names().stream()
              .filter(certificates::maySign)
              .limit(LeafNameSource.most(certificates))
              .toList();
      return new LeafNameSource.Known(signable.isEmpty() ? list.names() : signable);
    }
    Set<String> names = new LinkedHashSet<>();
    String sni = hello.serverName();
    if (sni != null
        && (sni.equals(bridge.serverName()) || spec.serverNames().contains(sni))
        && certificates.maySign(sni)) {
      names.add(sni);
    }
    boolean fixed = spec.accept() instanceof AcceptMode.Fixed;
    if (certificates.oneName() && fixed) {
      names.addAll(spec.serverNames());
    }
    names.add(bridge.serverName());
    if (fixed) {
      names.addAll(spec.serverNames());
    }
    return new LeafNameSource.Known(
        names.stream().limit(certificates.oneName() ? 1 : names.size()).toList());
  }

  /**
   * What to offer the origin of what the device offers, in its order: an origin may refuse all of
   * TLS for a name that it does not know (RFC 7301 section 3.2). A device whose names are all left
   * out is answered without ALPN.
   *
   * <p>HTTP/2 needs TLS 1.2 (RFC 9113 section 9.2) on the device's side too. SMTP has no name in
   * the registry of IANA.
   */
  public static List<String> bridgeableProtocols(ClientHello hello, @Nullable MailProtocol mail) {
    boolean modern =
        hello.newestVersion().filter(v -> v.compareTo(TlsVersion.TLS_1_2) >= 0).isPresent();
    Set<String> known =
        mail == null
            ? modern ? Set.of("h2", "http/1.1") : Set.of("http/1.1")
            : switch (mail) {
              case SMTP -> Set.of();
              case IMAP -> Set.of("imap");
              case POP3 -> Set.of("pop3");
            };
    return hello.applicationProtocols().stream().filter(known::contains).distinct().toList();
  }
}
