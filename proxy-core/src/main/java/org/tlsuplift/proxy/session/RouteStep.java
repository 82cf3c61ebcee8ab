package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteRequest;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.setup.BridgeSetup;
import org.tlsuplift.proxy.setup.LeafNameSource;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.TunnelSetup;
import org.tlsuplift.proxy.setup.signin.SignInSetup;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.tls.profile.TlsPolicy;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.PlainMailOrigin;
import org.tlsuplift.proxy.upstream.mail.TlsMailOrigin;

/**
 * Requests the route of a device at its ClientHello and chooses the setup.
 *
 * <p>The setup depends on the protocol (mail or other) and on how each side starts TLS (STARTTLS or
 * implicit).
 */
final class RouteStep {
  static final Explanation LOOP =
      Explanation.of(
          "the packet filter redirected the proxy's own connection back to it",
          "exempt the proxy's traffic from the nft rule, as config/nftables does");

  private final SessionContext context;
  private final ListenerSpec spec;
  private final SessionServices services;
  private final SessionReport report;
  private final InspectingHello inspecting;
  private final ClientHello hello;

  private RouteStep(SessionContext context, InspectingHello inspecting, ClientHello hello) {
    this.context = context;
    this.spec = context.spec();
    this.services = context.services();
    this.report = context.report();
    this.inspecting = isRedirected() ? aimed(inspecting, hello) : inspecting;
    this.hello = hello;
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

  /**
   * Starts the setup that the route requires. Ends the session if the device sent no valid
   * ClientHello or the route denies it.
   */
  static void onHello(
      SessionContext context, InspectingHello inspecting, HelloParse parse, Session session) {
    SessionReport report = context.report();
    if (parse instanceof HelloParse.Parsed parsed) {
      report.helloReceived(parsed.hello());
      new RouteStep(context, inspecting, parsed.hello()).begin(session);
    } else if (parse instanceof HelloParse.NotTls not) {
      Explanation why = Explanation.of("got " + not.what() + "; " + inspecting.expected());
      report.noDeviceHandshake(HandshakeOutcome.NOT_TLS, why);
      session.close(not.plaintext() ? inspecting.withoutTls() : CloseReason.NOT_TLS, why);
    } else if (parse instanceof HelloParse.Malformed malformed) {
      Explanation why = Explanation.of(malformed.why());
      report.noDeviceHandshake(HandshakeOutcome.PROTOCOL_ERROR, why);
      session.refused(LingeringClose.DECODE_ERROR, CloseReason.MALFORMED_HELLO, why);
    } else {
      throw new UnhandledVariantException(parse);
    }
  }

  private void begin(Session session) {
    RouteDecision decision = decide();
    report.decided(decision.action());
    if (decision instanceof RouteDecision.Deny deny) {
      session.refused(LingeringClose.alertOf(deny), deny.reason(), deny.why());
    } else {
      session.begin(open(decision, session));
    }
  }

  private boolean isRedirected() {
    return spec.accept() instanceof AcceptMode.Transparent;
  }

  private RouteDecision decide() {
    if (isRedirected()) {
      report.negotiated(inspecting.target());
      if (services.upstream().isOwn(report.device())) {
        return new RouteDecision.Deny(CloseReason.LOOP, LOOP);
      }
    }
    RouteDecision decision = decide(spec, services.routes(), report.device(), inspecting, hello);
    // Checked before the private key operation, the main cost of a handshake. A tunnel needs none.
    return decision instanceof RouteDecision.Bridge
            && !services.handshakes().admits(report.device().getAddress())
        ? new RouteDecision.Deny(
            CloseReason.DEVICE_HANDSHAKE_LIMIT, services.handshakes().refusal())
        : decision;
  }

  /**
   * Returns the decision, without side effects.
   *
   * @param inspecting for a redirected device, the result of {@link #aimed}
   */
  static RouteDecision decide(
      ListenerSpec spec,
      RouteTable routes,
      InetSocketAddress device,
      InspectingHello inspecting,
      ClientHello hello) {
    boolean canTunnel = canTunnel(spec, inspecting);
    RouteRequest request =
        new RouteRequest(
            spec.name(),
            device,
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

  /** Creates the setup for a decision without starting it. */
  private Connecting open(RouteDecision decision, Setup.Callbacks callbacks) {
    return decision instanceof RouteDecision.Bridge bridge
        ? bridge(bridge, callbacks)
        : tunnel((RouteDecision.Tunnel) decision, callbacks);
  }

  private Connecting bridge(RouteDecision.Bridge decision, Setup.Callbacks callbacks) {
    MailService mail = inspecting.mail();
    MailProtocol protocol = mail == null ? null : mail.protocol();
    if (mail != null && spec.signIn() != null) {
      return new Connecting(
          new SignInSetup(
              new SignInSetup.Plan(
                  spec.signIn(), mail, inspecting.target(), decision, inspecting.origin() != null),
              context,
              // No ALPN: the origin is dialled only after the device signs in.
              origin -> termination(decision, List.of(), protocols -> origin, callbacks),
              callbacks),
          protocol);
    }
    return new Connecting(
        termination(
            decision,
            bridgeableProtocols(hello, protocol),
            protocols -> originate(decision, protocols),
            callbacks),
        protocol);
  }

  /**
   * Returns the ALPN names of the device that the origin is offered, in the device's order. Unknown
   * names are omitted because an origin may refuse TLS for them (RFC 7301 section 3.2). Without
   * known names, neither side uses ALPN.
   *
   * <p>HTTP/2 needs TLS 1.2 on the device side too (RFC 9113 section 9.2). IANA lists no ALPN name
   * for SMTP.
   */
  private static List<String> bridgeableProtocols(ClientHello hello, @Nullable MailProtocol mail) {
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

  private BridgeSetup termination(
      RouteDecision.Bridge decision,
      List<String> protocols,
      Function<List<String>, Future<OriginConnection>> dial,
      Setup.Callbacks callbacks) {
    CertificateSource certificates = services.certificates().of(spec);
    boolean choice = certificates.hasEcLeaves();
    Optional<TlsPolicy> withEcKey =
        choice && !services.ecRefusals().contains(report.device().getAddress())
            ? spec.profile().ecPolicyFor(hello)
            : Optional.empty();
    LeafKey key = withEcKey.isPresent() ? LeafKey.EC : LeafKey.RSA;
    return new BridgeSetup(
        context,
        new BridgeSetup.Plan(
            withEcKey.orElseGet(() -> spec.profile().policyFor(hello)),
            choice ? key : null,
            LeafNameSource.of(spec, decision, hello, certificates),
            protocols,
            inspecting.mail() != null),
        dial,
        callbacks);
  }

  private Connecting tunnel(RouteDecision.Tunnel decision, Setup.Callbacks callbacks) {
    Future<OriginConnection> dial =
        inspecting.origin() instanceof PlainMailOrigin prepared
            ? prepared.untouched()
            : services.upstream().connect(context.dialContext(), decision.origin());
    return new Connecting(new TunnelSetup(context, hello, dial, callbacks), null);
  }

  /** Whether the origin can get the device's ClientHello: both sides start TLS in the same way. */
  private static boolean canTunnel(ListenerSpec spec, InspectingHello inspecting) {
    MailService mail = inspecting.mail();
    if (spec.signIn() != null) {
      // The origin does not accept the device's password.
      return false;
    }
    if (mail != null && mail.protocol() == MailProtocol.SMTP && spec.mailPolicy() != null) {
      // The messages of a tunnel cannot be read.
      return false;
    }
    return mail == null
        || inspecting.origin() instanceof PlainMailOrigin
        || (inspecting.origin() == null && mail.originTls() == OriginTls.IMPLICIT);
  }

  private Future<OriginConnection> originate(RouteDecision.Bridge bridge, List<String> protocols) {
    if (inspecting.origin() instanceof PlainMailOrigin prepared) {
      return prepared.secure(bridge, protocols, "");
    }
    if (inspecting.origin() instanceof TlsMailOrigin secured) {
      return secured.connection();
    }
    if (inspecting.origin() != null) {
      throw new UnhandledVariantException(inspecting.origin());
    }
    MailService mail = inspecting.mail();
    return mail == null || mail.originTls() == OriginTls.IMPLICIT
        ? services.upstream().connectTls(context.dialContext(), bridge, protocols)
        : services
            .upstream()
            .prepareMail(
                context.dialContext(),
                bridge.origin(),
                mail,
                reply -> report.originReplied(mail.protocol(), reply))
            .secure(
                bridge,
                protocols,
                DeviceDialect.of(mail.protocol()).greeting(inspecting.target().host()));
  }
}
