package org.tlsuplift.proxy.mail.guard;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Admits each message of one account at its MAIL FROM: first by its sender, then by the mailbox's
 * limit. Reports refused messages.
 */
final class MessageAdmission {
  private final AllowedSenders senders;
  private final Supplier<Permit> permits;
  private final GuardCallbacks callbacks;

  MessageAdmission(GuardedMailbox mailbox, GuardCallbacks callbacks) {
    this.senders = new AllowedSenders(mailbox.address(), mailbox.allowedSenders());
    this.permits = mailbox.messages();
    this.callbacks = callbacks;
  }

  /**
   * Checks the sender.
   *
   * @param arguments the text after MAIL, each byte one character
   * @return the reply that refuses the message, without CRLF, or null if the sender is allowed
   */
  @Nullable String refusal(String arguments) {
    String refusal = senders.refusal(arguments);
    if (refusal != null) {
      callbacks.messageRefused(MessageRefusal.SENDER_NOT_ALLOWED, refusal.substring(4));
    }
    return refusal;
  }

  Permit permit() {
    return permits.get();
  }

  /** The reply that refuses the message after the wait for its permit, or null. */
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
