package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.MailboxSignIn;
import org.tlsuplift.proxy.mail.ReplyWatch;
import org.tlsuplift.proxy.mail.guard.GuardCallbacks;
import org.tlsuplift.proxy.mail.guard.GuardedMailbox;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/** The handlers that read both directions of a mail session's relay, and report what they find. */
public final class MailHandlers {
  private MailHandlers() {}

  /**
   * Adds the handlers before the relay: one that detects known refusals by the origin, for IMAP and
   * POP3 one that finds the device's sign-in, and for SMTP a guard, unless the sign-in has added
   * one.
   *
   * @param ending ends the session after the guard's last reply to the device
   * @return the guard, or null
   */
  public static @Nullable SmtpGuard add(
      SessionContext context, Channel origin, MailProtocol mail, Setup.Ending ending) {
    Channel device = context.device();
    SessionReporter report = context.report();
    MailboxSignIn signIn =
        mail == MailProtocol.SMTP ? null : new MailboxSignIn(mail, report::deviceSignInAccepted);
    if (signIn != null) {
      device.pipeline().addBefore(Relay.HANDLER, PipelineNames.MAILBOX, signIn);
    }
    origin
        .pipeline()
        .addBefore(
            Relay.HANDLER,
            UpstreamInitializer.REPLIES,
            new ReplyWatch(
                mail,
                reply -> report.originReplied(mail, reply),
                report::deviceSignInRefused,
                signIn));
    SmtpGuard guard = device.pipeline().get(SmtpGuard.class);
    if (mail == MailProtocol.SMTP && guard == null) {
      guard = guard(context, null, ending);
      device.pipeline().addBefore(Relay.HANDLER, PipelineNames.GUARD, guard);
    }
    return guard;
  }

  /** The capabilities for a device whose origin is not dialled yet. */
  public static List<String> capabilities(SessionContext context, MailProtocol protocol) {
    List<String> known = context.spec().mail().destination().capabilities(context);
    return known != null && context.spec().mail().signIn() == null
        ? known
        : DeviceCapabilities.of(protocol, known);
  }

  /**
   * Creates the guard of one session, by the rules of its listener.
   *
   * @param mailbox of a device that this proxy has signed in, otherwise null
   * @param ending ends the session after the guard's last reply to the device
   */
  public static SmtpGuard guard(
      SessionContext context, @Nullable GuardedMailbox mailbox, Setup.Ending ending) {
    boolean later = context.spec().mail().answersFirst();
    List<String> learnt =
        later ? context.services().learntCapabilities().recent(context.spec().name()) : null;
    return new SmtpGuard(
        context.spec().mail().rules(),
        context.mailQuota(),
        mailbox,
        learnt == null ? List.of() : learnt,
        new GuardReports(context, mailbox == null ? null : mailbox.address(), ending));
  }

  /** Reports what the guard finds. */
  private record GuardReports(SessionContext context, @Nullable String mailbox, Setup.Ending ending)
      implements GuardCallbacks {
    @Override
    public void messageRefused(MessageRefusal refusal, String detail) {
      context.report().messageRefused(refusal, mailbox, detail);
    }

    @Override
    public void guardEnded(CloseReason reason, @Nullable MessageRefusal refusal, String detail) {
      if (refusal == null) {
        ending.ended(reason, Explanation.of(detail));
      } else {
        context.report().messageRefused(refusal);
        ending.ended(reason, Explanation.of(detail, refusal.remedy()));
      }
    }

    @Override
    public void introduced(String line) {
      if (context.facts().introduction() == null) {
        context.report().introduced(line);
      }
    }

    @Override
    public void messageEnded(MailMessage message) {
      context.report().messageEnded(message);
    }
  }
}
