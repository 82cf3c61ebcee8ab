package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.PlainMailOrigin;
import org.tlsuplift.proxy.upstream.mail.TlsMailOrigin;

/** Gets the connection to the origin of a session, in the way that its decision needs. */
final class OriginStep {
  private final SessionContext context;
  private final InspectingHello inspecting;
  private final UpstreamConnector upstream;

  OriginStep(SessionContext context, InspectingHello inspecting) {
    this.context = context;
    this.inspecting = inspecting;
    this.upstream = context.services().upstream();
  }

  /**
   * Returns the ALPN names of the device that the origin is offered, in the device's order. Unknown
   * names are omitted because an origin may refuse TLS for them (RFC 7301 section 3.2). Without
   * known names, neither side uses ALPN.
   *
   * <p>HTTP/2 needs TLS 1.2 on the device side too (RFC 9113 section 9.2). IANA lists no ALPN name
   * for SMTP.
   */
  static List<String> protocols(ClientHello hello, @Nullable MailProtocol mail) {
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

  /** Connects for a tunnel. */
  Future<OriginConnection> connect(RouteDecision.Tunnel tunnel) {
    return inspecting.origin() instanceof PlainMailOrigin prepared
        ? prepared.untouched()
        : upstream.connect(context.dialContext(), tunnel.origin());
  }

  /**
   * Connects and originates TLS, or uses the connection to the mail origin that exists already.
   *
   * @param protocols the ALPN names to offer
   */
  Future<OriginConnection> originate(RouteDecision.Bridge bridge, List<String> protocols) {
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
    if (mail == null || mail.originTls() == OriginTls.IMPLICIT) {
      return context.spec().accept() instanceof AcceptMode.Fixed
          ? upstream.connectFixed(context.dialContext(), bridge, protocols)
          : upstream.connectTls(context.dialContext(), bridge, protocols);
    }
    return upstream
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
}
