package org.tlsuplift.proxy.setup;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.guard.GuardCallbacks;
import org.tlsuplift.proxy.mail.guard.GuardedMailbox;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/** Makes the guard of an SMTP session, and reports what it finds. */
public final class GuardReports implements GuardCallbacks {
  private final SessionReport report;
  private final @Nullable String mailbox;
  private final RelayStarter.Ending ending;

  private GuardReports(SessionReport report, @Nullable String mailbox, RelayStarter.Ending ending) {
    this.report = report;
    this.mailbox = mailbox;
    this.ending = ending;
  }

  /**
   * The guard of one session, by the rules of its listener.
   *
   * @param mailbox of a device that this proxy has signed in, otherwise null
   * @param ending ends the session after the guard's last reply to the device
   */
  public static SmtpGuard guard(
      SessionContext context, @Nullable GuardedMailbox mailbox, RelayStarter.Ending ending) {
    SmtpGuard guard =
        new SmtpGuard(
            context.spec().messageRules(),
            context.mailQuota(),
            mailbox,
            new GuardReports(context.report(), mailbox == null ? null : mailbox.address(), ending));
    context.report().beforeEnd(guard::sessionEnds);
    return guard;
  }

  @Override
  public void messageRefused(MessageRefusal refusal, String detail) {
    report.messageRefused(refusal, mailbox, detail);
  }

  @Override
  public void guardEnded(CloseReason reason, @Nullable MessageRefusal refusal, String detail) {
    if (refusal == null) {
      ending.ended(reason, Explanation.of(detail));
    } else {
      report.messageRefused(refusal);
      ending.ended(reason, Explanation.of(detail, refusal.remedy()));
    }
  }

  @Override
  public void introduced(String line) {
    if (report.introduction() == null) {
      report.introduced(line);
    }
  }

  @Override
  public void messageEnded(MailMessage message) {
    report.messageEnded(message);
  }
}
