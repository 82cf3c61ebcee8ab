package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MessageSpool;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.upstream.SpoolSession;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** The spool of a listener as the origin of one session. For listeners that have a spool. */
public final class SpooledOrigin {
  private SpooledOrigin() {}

  /** The capabilities for a mail device whose origin has not been dialled. */
  public static List<String> capabilities(SessionContext context, MailProtocol protocol) {
    List<String> ofOrigin =
        context.spec().spool() == null
            ? context.services().learntCapabilities().of(context.spec().name())
            : SpoolSession.CAPABILITIES;
    return ofOrigin != null && context.spec().signIn() == null
        ? ofOrigin
        : DeviceCapabilities.of(protocol, ofOrigin);
  }

  /**
   * Connects for a device that this proxy does not sign in. Dials the origin, unless each message
   * is kept. If that fails, the spool replies alone.
   *
   * @param greets whether the device waits for a greeting
   */
  public static Future<OriginConnection> dial(
      SessionContext context,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      boolean greets) {
    Promise<OriginConnection> opened = context.device().eventLoop().newPromise();
    if (spool(context).always()) {
      return opened.setSuccess(open(context, target, "", greets, null, () -> Permit.GRANTED));
    }
    Future<OriginConnection> live =
        context
            .services()
            .upstream()
            .prepareSecuredMail(
                context.dialContext(),
                bridge,
                mail,
                reply -> context.report().originReplied(MailProtocol.SMTP, reply))
            .introduce(context.facts().introduction());
    opened.addListener(
        done -> {
          if (opened.isCancelled()) {
            Setup.drop(live);
          }
        });
    live.addListener(
        done -> {
          if (opened.isDone()) {
            return;
          }
          if (!live.isSuccess()) {
            var unused = context.report().originFailed(live.cause());
            context.report().originLost(SessionReporter.explanation(live.cause()).text());
          }
          opened.setSuccess(
              open(
                  context,
                  target,
                  "",
                  greets,
                  live.isSuccess() ? live.getNow() : null,
                  () -> Permit.GRANTED));
        });
    return opened;
  }

  /**
   * Opens the spool.
   *
   * @param account the mailbox of a device that this proxy signed in, otherwise empty
   * @param live the connection to the origin; null for none
   * @param permits requests the origin's permit for one more message
   */
  static OriginConnection open(
      SessionContext context,
      HostPort target,
      String account,
      boolean greets,
      @Nullable OriginConnection live,
      Supplier<Permit> permits) {
    SessionReporter report = context.report();
    return SpoolSession.start(
        new SpoolSession.Plan(
            spool(context),
            context.spec().name(),
            context.address(),
            account,
            target.host(),
            greets,
            permits,
            context.services().upstream().replyTimeout(),
            reply -> report.originReplied(MailProtocol.SMTP, reply),
            report::originLost),
        context.device().eventLoop(),
        live);
  }

  private static MessageSpool spool(SessionContext context) {
    return Objects.requireNonNull(context.spec().spool());
  }
}
