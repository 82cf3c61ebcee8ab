package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.listener.SessionState.InspectingHello;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.upstream.OriginConnection;
import org.tlsuplift.proxy.upstream.PlainMailOrigin;
import org.tlsuplift.proxy.upstream.SecuredMailOrigin;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/**
 * Brings together how the device came to TLS and how the origin does: by STARTTLS or at once, mail
 * or not.
 */
final class MailSides {
  private final UpstreamConnector upstream;
  private final Channel device;
  private final SessionReport report;
  private final InspectingHello hello;

  MailSides(SessionServices services, Channel device, SessionReport report, InspectingHello hello) {
    this.upstream = services.upstream();
    this.device = device;
    this.report = report;
    this.hello = hello;
  }

  /** What is spoken under TLS, or null when that is not mail. */
  @Nullable MailProtocol protocol() {
    return hello.mail() == null ? null : hello.mail().protocol();
  }

  /** Whether the device's ClientHello can be the origin's: both come to TLS in the same way. */
  boolean canTunnel() {
    MailService mail = hello.mail();
    return mail == null
        || hello.origin() instanceof PlainMailOrigin
        || (hello.origin() == null && mail.originTls() == OriginTls.IMPLICIT);
  }

  Future<OriginConnection> tunnel(RouteDecision.Tunnel tunnel) {
    return hello.origin() instanceof PlainMailOrigin prepared
        ? prepared.untouched()
        : upstream.connect(device.eventLoop(), tunnel.origin());
  }

  Future<OriginConnection> bridge(RouteDecision.Bridge bridge, List<String> protocols) {
    if (hello.origin() instanceof PlainMailOrigin prepared) {
      return prepared.secure(bridge, protocols);
    }
    if (hello.origin() instanceof SecuredMailOrigin secured) {
      return secured.connection();
    }
    MailService mail = hello.mail();
    return mail == null || mail.originTls() == OriginTls.IMPLICIT
        ? upstream.connectTls(device.eventLoop(), bridge, protocols)
        : upstream.connectStartTls(
            device.eventLoop(),
            bridge,
            mail,
            protocols,
            DeviceDialect.of(mail.protocol()).greeting(hello.target().host()),
            reply -> report.originReplied(mail.protocol(), reply));
  }
}
