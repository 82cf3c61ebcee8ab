package org.tlsuplift.proxy.spool;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.MailDestination;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.Promises;

/** The devices of a listener get an SMTP server that keeps their messages. */
public record SpoolDestination(MessageSpool spool) implements MailDestination {
  /** The same sign-in may succeed later, without a change by an operator. */
  private static final Set<SignInOutcome> PASSING =
      Set.of(
          SignInOutcome.MAILBOX_BUSY,
          SignInOutcome.TOKEN_UNAVAILABLE,
          SignInOutcome.ORIGIN_UNAVAILABLE,
          SignInOutcome.ORIGIN_BUSY);

  @Override
  public boolean answersFirst() {
    return true;
  }

  @Override
  public List<String> capabilities(SessionContext context) {
    return SpoolSession.capabilities(context);
  }

  /** Dials the origin, unless each message is kept. If that fails, the spool replies alone. */
  @Override
  public Optional<Future<OriginConnection>> dial(
      SessionContext context,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      boolean greets) {
    SpoolSession session =
        new SpoolSession(
            context, spool, new SignedIn(target.host(), "", false, () -> Permit.GRANTED));
    Promise<OriginConnection> opened = context.device().eventLoop().newPromise();
    if (spool.always()) {
      return Optional.of(opened.setSuccess(session.start(greets, null)));
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
            SpoolSession.report(report, SessionReporter.explanation(live.cause()), spool.closed());
          } else {
            List<String> offered = origin.capabilities().getNow();
            context.services().learntCapabilities().learn(context.spec().name(), offered);
          }
          opened.setSuccess(session.start(greets, live.isSuccess() ? live.getNow() : null));
        });
    Promises.onCancel(opened, () -> OriginConnection.drop(live));
    return Optional.of(opened);
  }

  @Override
  public boolean needsSignIn() {
    return !spool.always();
  }

  @Override
  public boolean continuesAfter(SignInOutcome failed) {
    return PASSING.contains(failed);
  }

  @Override
  public OriginConnection signedIn(
      SessionContext context, SignedIn device, @Nullable OriginConnection live) {
    return new SpoolSession(context, spool, device).start(false, live);
  }

  /** Only a message that passes to the origin needs a permit, which the session requests. */
  @Override
  public Supplier<Permit> permits(Supplier<Permit> ofOrigin) {
    return () -> Permit.GRANTED;
  }
}
