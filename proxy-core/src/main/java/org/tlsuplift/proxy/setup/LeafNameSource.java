package org.tlsuplift.proxy.setup;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** The source of the names in the certificate for a device. */
public sealed interface LeafNameSource {
  /** The names, or null if only the origin's certificate has them. */
  @Nullable List<String> known();

  /** The names for this certificate of the origin; may be empty. */
  List<String> namesAsOf(CertificateNames origin);

  /**
   * The names for a certificate: the name that the origin proves, and names of the listener. On a
   * fixed listener these are all its {@code serverNames}, elsewhere the one in the SNI. The name in
   * the SNI comes first if it is one of these. No other name in an SNI is ever signed, because the
   * origin does not prove it.
   *
   * <p>If a leaf may have only one name, a device without SNI on a fixed listener gets the first of
   * the {@code serverNames}, if there is one.
   *
   * <p>If only an address is known, the names come from an endpoint list or from the origin's
   * certificate, as a device sees them without this proxy. The address itself is not included:
   * Microsoft's certificates do not contain it, and OpenSSL 1.0.2 rejects one that does.
   */
  static LeafNameSource of(
      ListenerSpec spec,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // With sign-in the origin is dialled after the handshake, so its certificate is not known.
    if (bridge.proof() instanceof NamedByCertificate proof && spec.signIn() == null) {
      return new OfOrigin(proof, certificates);
    }
    if (bridge.proof() instanceof NamedByList list) {
      List<String> signable =
          list.names().stream().filter(certificates::maySign).limit(most(certificates)).toList();
      return new Known(signable.isEmpty() ? list.names() : signable);
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
    return new Known(names.stream().limit(certificates.oneName() ? 1 : names.size()).toList());
  }

  /** The most names that a leaf may have. */
  private static int most(CertificateSource certificates) {
    return certificates.oneName() ? 1 : 100;
  }

  /** The names are known before the origin is dialled. */
  record Known(List<String> known) implements LeafNameSource {
    @Override
    public List<String> namesAsOf(CertificateNames origin) {
      return known;
    }
  }

  /**
   * Only the origin's certificate has the names, so the device waits for the origin.
   *
   * @param proof the names that the origin may have
   * @param certificates the names that may be signed
   */
  record OfOrigin(NamedByCertificate proof, CertificateSource certificates)
      implements LeafNameSource {
    @Override
    public @Nullable List<String> known() {
      return null;
    }

    @Override
    public List<String> namesAsOf(CertificateNames origin) {
      return proof.names(origin).stream()
          .filter(certificates::maySign)
          .limit(most(certificates))
          .toList();
    }
  }
}
