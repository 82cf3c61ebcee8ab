package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MessageSpool;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.Promises;

/** The origin of a device that gets replies before its origin is dialled. Stateless. */
public final class SpooledOrigin {
  private SpooledOrigin() {}

  /** The capabilities before the origin is dialled. */
  public static List<String> capabilities(SessionContext context, MailProtocol protocol) {
    List<String> ofOrigin =
        context.spec().spool() == null
            ? context.services().learntCapabilities().of(context.spec().name())
            : SpoolSession.capabilities(context);
    return ofOrigin != null && context.spec().signIn() == null
        ? ofOrigin
        : DeviceCapabilities.of(protocol, ofOrigin);
  }

  /**
   * Connects a device that this proxy does not sign in to the spool of its listener. Dials the
   * origin, unless each message is kept. If that fails, the spool replies alone.
   *
   * @param greets whether the device waits for a greeting
   */
  public static Future<OriginConnection> dial(
      SessionContext context,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      MessageSpool spool,
      boolean greets) {
    SpoolSession session =
        new SpoolSession(context, target.host(), "", false, () -> Permit.GRANTED);
    Promise<OriginConnection> opened = context.device().eventLoop().newPromise();
    if (spool.always()) {
      return opened.setSuccess(session.start(greets, null));
    }
    SessionReporter report = context.report();
    TlsMailOrigin origin =
        context
            .services()
            .upstream()
            .prepareSecuredMail(
                context.dialContext(),
                bridge,
                mail,
                reply -> report.originReplied(MailProtocol.SMTP, reply));
    Future<OriginConnection> live = origin.introduce(context.facts().introduction());
    live.addListener(
        done -> {
          if (opened.isDone()) {
            return;
          }
          if (!live.isSuccess()) {
            var unused = report.originFailed(live.cause());
            report.originLost(SessionReporter.explanation(live.cause()), spool.closed());
          } else {
            List<String> offered = origin.capabilities().getNow();
            context.services().learntCapabilities().learn(context.spec().name(), offered);
          }
          opened.setSuccess(session.start(greets, live.isSuccess() ? live.getNow() : null));
        });
    Promises.onCancel(opened, () -> Setup.drop(live));
    return opened;
  }
}
