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

/** Chooses the names in the certificate for a device, and the ALPN names to offer the origin. */
public final class LeafNameChooser {
  private LeafNameChooser() {}

  /**
   * The names for a certificate: the name that the origin proves, and names of the listener. On a
   * fixed listener these are all its {@code serverNames}, elsewhere the one in the SNI. The name in
   * the SNI comes first if it is one of these. No other name in an SNI is ever signed, because the
   * origin does not prove it.
   *
   * <p>If a leaf may carry one name only, a device without SNI on a fixed listener gets the first
   * of the {@code serverNames}, if there is one.
   *
   * <p>If only an address is known, the names come from an endpoint list or from the origin's
   * certificate, as a device sees them without this proxy. The address itself is not included:
   * Microsoft's certificates do not contain it, and OpenSSL 1.0.2 rejects one that does.
   */
  public static LeafNameSource of(
      ListenerSpec spec,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // With sign-in the origin is dialled after the handshake, so its certificate is not known.
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
   * The ALPN names of the device to offer the origin, in the order of the device. Unknown names are
   * left out, because an origin may refuse TLS for them (RFC 7301 section 3.2). A device with
   * unknown names only gets no ALPN.
   *
   * <p>HTTP/2 needs TLS 1.2 on the side of the device too (RFC 9113 section 9.2). SMTP has no ALPN
   * name at IANA.
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
