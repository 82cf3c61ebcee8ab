package org.tlsuplift.proxy.setup;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;

/** The source of the names in a device's certificate. */
public sealed interface LeafNameSource {
  /** The names to sign, or null if they depend on the origin's certificate. */
  @Nullable List<String> known();

  /** The names to sign, given those in the origin's certificate. May be empty. */
  List<String> namesAsOf(CertificateNames origin);

  /**
   * Returns the names for a certificate: the name that the origin must prove, and {@code
   * serverNames} of the listener. A fixed listener adds all of them, other listeners only the one
   * in the SNI. The name in the SNI comes first if it is one of these. No other SNI is ever signed,
   * because no origin proves it.
   *
   * <p>If the CA signs only one name per leaf, a device without SNI on a fixed listener gets the
   * first of {@code serverNames}, or the origin's name if there are none.
   *
   * <p>The operator's own certificate is presented if it carries the name that the device sends
   * (SNI), and on a fixed listener also to devices that send none: they were configured to use one
   * of its names. Elsewhere it must carry the origin's name.
   *
   * <p>If only an address is known, the names come from an endpoint list or from the origin's
   * certificate, so the device sees the same names as without this proxy. The address itself is
   * omitted: Microsoft's certificates do not contain it, and OpenSSL 1.0.2 rejects a certificate
   * that does.
   */
  static LeafNameSource of(
      ListenerSpec spec,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // With sign-in, the origin is dialled after the handshake, so its certificate is unknown here.
    if (bridge.proof() instanceof NamedByCertificate proof && spec.signIn() == null) {
      return new OfOrigin(proof, certificates);
    }
    if (bridge.proof() instanceof NamedByList list) {
      List<String> signable =
          list.names().stream().filter(certificates::maySign).limit(most(certificates)).toList();
      return new Known(signable.isEmpty() ? list.names() : signable);
    }
    boolean fixed = spec.accept() instanceof AcceptMode.Fixed;
    if (!certificates.ownNames().isEmpty()) {
      return new Known(
          fixed ? askedOf(hello, certificates.ownNames()) : List.of(bridge.serverName()));
    }
    Set<String> names = new LinkedHashSet<>();
    String sni = hello.serverName();
    if (sni != null
        && (sni.equals(bridge.serverName()) || spec.serverNames().contains(sni))
        && certificates.maySign(sni)) {
      names.add(sni);
    }
    if (certificates.oneName() && fixed) {
      names.addAll(spec.serverNames());
    }
    names.add(bridge.serverName());
    if (fixed) {
      names.addAll(spec.serverNames());
    }
    return new Known(names.stream().limit(certificates.oneName() ? 1 : names.size()).toList());
  }

  /** The name that a device sends, or these names if it sends none. */
  private static List<String> askedOf(ClientHello hello, List<String> own) {
    String sni = hello.serverName();
    return sni != null && HostPort.isHostName(sni) ? List.of(sni) : own;
  }

  /** Why there is no certificate although the origin was reached. */
  default Explanation none(CertificateNames origin) {
    return Explanation.NONE;
  }

  /** The maximum number of names in a leaf. */
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
   * The names depend on the origin's certificate, so the device waits for the origin.
   *
   * @param proof the names that the origin may prove
   * @param certificates decides which names may be signed
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

    @Override
    public Explanation none(CertificateNames origin) {
      return certificates.ownNames().isEmpty()
          ? new Explanation(
              "the CA permits none of the origin's names",
              "create a CA that permits them: 'tls-uplift ca stage'",
              "the origin's names are " + origin)
          : new Explanation(
              "the listener's certificate has none of the origin's names",
              "use a listener without 'certificate' for this origin, or get a certificate with its name",
              "the origin's names are " + origin);
    }
  }
}
