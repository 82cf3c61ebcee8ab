package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.route.NamedByList;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteRequest;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.setup.BridgeSetup;
import org.tlsuplift.proxy.setup.BridgeSetup.LeafNames;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.SignInSetup;
import org.tlsuplift.proxy.setup.TunnelSetup;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.TlsPolicy;
import org.tlsuplift.proxy.upstream.PlainMailOrigin;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * The route of a device at its ClientHello, and the setup that follows from it.
 *
 * <p>The setup depends on the protocol (mail or other) and on how each side starts TLS (STARTTLS or
 * implicit). No method here has an effect; a setup connects to the origin when it is started.
 *
 * @param inspecting for a redirected device, the result of {@link #aimed}
 */
record Routing(SessionContext context, InspectingHello inspecting, ClientHello hello) {
  /** Creates the routing of a device whose ClientHello was read. */
  static Routing of(SessionContext context, InspectingHello inspecting, ClientHello hello) {
    return new Routing(
        context, context.isRedirected() ? aimed(inspecting, hello) : inspecting, hello);
  }

  /**
   * Returns the state with the target of a redirected device. The SNI replaces the address to which
   * the device connected, and the proxy resolves it. Otherwise a device could send an allowed name
   * and reach any address.
   *
   * <p>The target does not change if the mail origin is already connected.
   */
  static InspectingHello aimed(InspectingHello inspecting, ClientHello hello) {
    String sni = hello.serverName();
    return sni == null || inspecting.origin() != null || !HostPort.isHostName(sni)
        ? inspecting
        : new InspectingHello(
            new HostPort(sni, inspecting.target().port()), inspecting.mail(), null);
  }

  RouteDecision decide() {
    return decide(context.spec(), context.services().routes(), inspecting, hello);
  }

  /**
   * Returns the decision.
   *
   * @param inspecting for a redirected device, the result of {@link #aimed}
   */
  static RouteDecision decide(
      ListenerSpec spec, RouteTable routes, InspectingHello inspecting, ClientHello hello) {
    boolean canTunnel = canTunnel(spec, inspecting);
    RouteRequest request =
        new RouteRequest(
            inspecting.target(),
            canTunnel ? spec.whenModern() : WhenModern.BRIDGE,
            spec.nameRule(),
            hello);
    if (spec.accept() instanceof AcceptMode.Transparent) {
      return inspecting.target().isAddressLiteral()
          ? routes.forAddresses().decide(request)
          : routes.decide(request);
    }
    RouteDecision decision = routes.decide(request);
    return decision instanceof RouteDecision.Tunnel && !canTunnel
        ? routes.decideBridge(inspecting.target())
        : decision;
  }

  /** Whether the origin can get the device's ClientHello: both sides start TLS in the same way. */
  private static boolean canTunnel(ListenerSpec spec, InspectingHello inspecting) {
    MailService mail = inspecting.mail();
    if (spec.mail().answersFirst()) {
      // The origin does not accept the device's password, and a tunnel has no messages to keep.
      return false;
    }
    if (mail != null && mail.protocol() == MailProtocol.SMTP && spec.mail().policy() != null) {
      // The messages of a tunnel cannot be read.
      return false;
    }
    return mail == null
        || inspecting.origin() instanceof PlainMailOrigin
        || (inspecting.origin() == null && mail.originTls() == OriginTls.IMPLICIT);
  }

  /**
   * Creates the setup of a tunnel.
   *
   * @param ending ends the session if device or origin sends anything but modern TLS
   */
  Connecting tunnel(RouteDecision.Tunnel decision, Setup.Ending ending) {
    Setup.Dial dial =
        () ->
            inspecting.origin() instanceof PlainMailOrigin prepared
                ? prepared.untouched()
                : upstream().connect(context.dialContext(), decision.origin());
    return new Connecting(new TunnelSetup(context, hello, dial, ending), null);
  }

  /**
   * Creates the setup of a bridge, with a sign-in if the listener has accounts.
   *
   * @param ending ends the session after the last reply of the guard of a signed-in device
   */
  Connecting bridge(RouteDecision.Bridge decision, Setup.Ending ending) {
    MailService mail = inspecting.mail();
    if (mail == null || context.spec().mail().signIn() == null) {
      MailProtocol protocol = mail == null ? null : mail.protocol();
      List<String> protocols = protocols(hello, protocol);
      return new Connecting(
          termination(decision, protocols, () -> originate(decision, protocols)), protocol);
    }
    SignInSetup.Plan plan =
        new SignInSetup.Plan(
            context.spec().mail().signIn(),
            mail,
            inspecting.target(),
            decision,
            inspecting.origin() != null);
    // No ALPN: the origin is dialled only after the device signs in.
    return new Connecting(
        new SignInSetup(plan, context, dial -> termination(decision, List.of(), dial), ending),
        mail.protocol());
  }

  private BridgeSetup termination(
      RouteDecision.Bridge decision, List<String> protocols, Setup.Dial dial) {
    ListenerSpec spec = context.spec();
    SessionServices services = context.services();
    CertificateSource certificates = services.certificates().of(spec);
    boolean choice = certificates.hasEcLeaves();
    TlsPolicy usual = spec.profile().policyFor(hello);
    Optional<TlsPolicy> withEcKey =
        choice
            ? spec.profile()
                .withEcKey(hello, usual, services.ecRefusals().contains(context.address()))
            : Optional.empty();
    LeafKey key = withEcKey.isPresent() ? LeafKey.EC : LeafKey.RSA;
    return new BridgeSetup(
        context,
        new BridgeSetup.Plan(
            withEcKey.orElse(usual),
            choice ? key : null,
            leafNames(spec, decision, hello, certificates),
            protocols,
            inspecting.mail() != null),
        dial);
  }

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
  static LeafNames leafNames(
      ListenerSpec spec,
      RouteDecision.Bridge bridge,
      ClientHello hello,
      CertificateSource certificates) {
    // The origin may be dialled after the handshake, so its certificate is unknown here.
    if (bridge.proof() instanceof NamedByCertificate proof && !spec.mail().answersFirst()) {
      return new LeafNames.OfOrigin(proof, certificates);
    }
    if (bridge.proof() instanceof NamedByList list) {
      List<String> signable =
          list.names().stream()
              .filter(certificates::maySign)
              .limit(LeafNames.most(certificates))
              .toList();
      return new LeafNames.Known(signable.isEmpty() ? list.names() : signable);
    }
    boolean fixed = spec.accept() instanceof AcceptMode.Fixed;
    if (!certificates.ownNames().isEmpty()) {
      return new LeafNames.Known(
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
    return new LeafNames.Known(
        names.stream().limit(certificates.oneName() ? 1 : names.size()).toList());
  }

  /** The name that a device sends, or these names if it sends none. */
  private static List<String> askedOf(ClientHello hello, List<String> own) {
    String sni = hello.serverName();
    return sni != null && HostPort.isHostName(sni) ? List.of(sni) : own;
  }

  /**
   * Returns the ALPN names of the device that the origin is offered, in the device's order. Unknown
   * names are omitted because an origin may refuse TLS for them (RFC 7301 section 3.2). Without
   * known names, neither side uses ALPN.
   *
   * <p>HTTP/2 needs TLS 1.2 on the device side too (RFC 9113 section 9.2). IANA lists no ALPN name
   * for SMTP.
   */
  private static List<String> protocols(ClientHello hello, @Nullable MailProtocol mail) {
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

  /**
   * Connects and originates TLS, or uses the connection to the mail origin that exists already.
   *
   * @param protocols the ALPN names to offer
   */
  private Future<OriginConnection> originate(RouteDecision.Bridge bridge, List<String> protocols) {
    MailService mail = inspecting.mail();
    Optional<Future<OriginConnection>> replaced =
        mail == null
            ? Optional.empty()
            : context
                .spec()
                .mail()
                .destination()
                .dial(context, mail, inspecting.target(), bridge, inspecting.origin() == null);
    return replaced.orElseGet(() -> connect(mail, bridge, protocols));
  }

  private Future<OriginConnection> connect(
      @Nullable MailService mail, RouteDecision.Bridge bridge, List<String> protocols) {
    if (inspecting.origin() != null) {
      return inspecting.origin().secured(bridge, protocols);
    }
    if (mail == null || mail.originTls() == OriginTls.IMPLICIT) {
      return context.spec().accept() instanceof AcceptMode.Fixed
          ? upstream().connectFixed(context.dialContext(), bridge, protocols)
          : upstream().connectTls(context.dialContext(), bridge, protocols);
    }
    return upstream()
        .prepareMail(
            context.dialContext(),
            bridge.origin(),
            mail,
            reply -> context.report().originReplied(mail.protocol(), reply))
        .secure(
            bridge,
            protocols,
            DeviceDialect.of(mail.protocol()).greeting(inspecting.target().host()));
  }

  private UpstreamConnector upstream() {
    return context.services().upstream();
  }
}
