package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
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
    } else if (decision instanceof RouteDecision.Bridge) {
      session.queue(inspecting, () -> open(decision, session));
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

  private OriginStep origin() {
    return new OriginStep(context, inspecting);
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
            OriginStep.protocols(hello, protocol),
            protocols -> origin().originate(decision, protocols),
            callbacks),
        protocol);
  }

  private BridgeSetup termination(
      RouteDecision.Bridge decision,
      List<String> protocols,
      Function<List<String>, Future<OriginConnection>> dial,
      Setup.Callbacks callbacks) {
    CertificateSource certificates = services.certificates().of(spec);
    boolean choice = certificates.hasEcLeaves();
    TlsPolicy usual = spec.profile().policyFor(hello);
    Optional<TlsPolicy> withEcKey =
        choice
            ? spec.profile()
                .withEcKey(
                    hello, usual, services.ecRefusals().contains(report.device().getAddress()))
            : Optional.empty();
    LeafKey key = withEcKey.isPresent() ? LeafKey.EC : LeafKey.RSA;
    return new BridgeSetup(
        context,
        new BridgeSetup.Plan(
            withEcKey.orElse(usual),
            choice ? key : null,
            LeafNameSource.of(spec, decision, hello, certificates),
            protocols,
            inspecting.mail() != null),
        dial,
        callbacks);
  }

  private Connecting tunnel(RouteDecision.Tunnel decision, Setup.Callbacks callbacks) {
    return new Connecting(
        new TunnelSetup(context, hello, origin().connect(decision), callbacks), null);
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
}
