package org.tlsuplift.proxy.signin.guard;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;

/**
 * Admits each message of one account at its MAIL FROM: by its sender first, then when it is the
 * mailbox's turn. Tells the listener what it refuses.
 */
final class MessageAdmission {
  private final String mailbox;
  private final AllowedSenders senders;
  private final MailboxPermits keeper;
  private final GuardCallbacks callbacks;

  MessageAdmission(MailAccount account, MailboxPermits keeper, GuardCallbacks callbacks) {
    this.mailbox = account.mailbox();
    this.senders = new AllowedSenders(account);
    this.keeper = keeper;
    this.callbacks = callbacks;
  }

  /**
   * Looks at the sender.
   *
   * @param arguments what stands behind MAIL, each byte one character
   * @return the reply that refuses it, without its line end, or null when it may stand in line
   */
  @Nullable String refusal(String arguments) {
    String refusal = senders.refusal(arguments);
    if (refusal != null) {
      callbacks.messageRefused(MessageRefusal.SENDER_NOT_ALLOWED, refusal.substring(4));
    }
    return refusal;
  }

  /** Stands in line. */
  Permit permit() {
    return keeper.message(mailbox);
  }

  /** The same as {@link #refusal(String)}, by what came of standing in line. */
  @Nullable String refusal(PermitResult answer) {
    if (answer instanceof PermitResult.Busy busy) {
      callbacks.messageRefused(MessageRefusal.TOO_MANY_MESSAGES, busy.why());
      return "432 4.3.2 Try again later: " + busy.why();
    }
    if (!(answer instanceof PermitResult.Given)) {
      throw new UnhandledVariantException(answer);
    }
    return null;
  }
}
