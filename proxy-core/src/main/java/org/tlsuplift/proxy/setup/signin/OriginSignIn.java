package org.tlsuplift.proxy.setup.signin;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.dialogue.OwnName;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/** Reaches the origin of one session to sign in to it. */
record OriginSignIn(
    MailService mail,
    RouteDecision.Bridge bridge,
    SessionServices services,
    Channel device,
    SessionReport report)
    implements OriginReach {
  @Override
  public Future<OriginSignInResult> signIn(XoauthExchange exchange) {
    return services
        .upstream()
        .signIn(
            report.dialContext(device),
            bridge,
            mail,
            OwnName.of(report.introduction()),
            exchange,
            reply -> report.originReplied(mail.protocol(), reply));
  }

  @Override
  public void hold(Permit place) {
    report.holdings().add(place);
  }

  @Override
  public void onHandshake(OriginHandshake handshake) {
    report.originHandshake(handshake);
  }

  @Override
  public void onRefusal(OriginReply reply) {
    report.signInRefused(mail.protocol(), reply);
  }
}
