package org.tlsuplift.proxy.mail.guard;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceQuotas;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/** The rules of the listener, and of the mailbox of a signed-in device, for one session. */
final class MessageRules {
  private final MailPolicy policy;
  private final DeviceQuotas.Quota quota;
  private final @Nullable GuardedMailbox mailbox;
  private final List<AllowedAddresses> senders;
  private final AllowedAddresses recipients;

  MessageRules(MailPolicy policy, DeviceQuotas.Quota quota, @Nullable GuardedMailbox mailbox) {
    this.policy = policy;
    this.quota = quota;
    this.mailbox = mailbox;
    AllowedAddresses ofListener =
        new AllowedAddresses(
            policy.allowedSenders(),
            "550 5.7.60 <%s> is not among the senders that this listener allows (mail.allowedSenders)");
    this.senders =
        mailbox == null
            ? List.of(ofListener)
            : List.of(
                new AllowedAddresses(
                    mailbox.allowedSenders(),
                    "550 5.7.60 <%s> is not among the senders that the account of "
                        + mailbox.address().replace("%", "%%")
                        + " allows (allowedSenders)"),
                ofListener);
    this.recipients =
        new AllowedAddresses(
            policy.allowedRecipients(),
            "550 5.7.1 <%s> is not among the recipients that this listener allows (mail.allowedRecipients)");
  }

  /** Whether the guard must understand the sender. */
  boolean readsSender() {
    return !senders.stream().allMatch(AllowedAddresses::isOpen) || policy.rewriteFrom() != null;
  }

  /** Whether the guard must understand recipients. */
  boolean readsRecipients() {
    return !recipients.isOpen();
  }

  /**
   * Checks a MAIL, and counts the message; null if it may pass.
   *
   * @param originSize the largest message that the origin accepts, in bytes; 0 for none
   * @param later whether the origin may hear of the message only later
   */
  @Nullable Refusal sender(@Nullable Envelope from, long originSize, boolean later) {
    if (from != null) {
      for (AllowedAddresses allowed : senders) {
        String reply = allowed.refusal(from);
        if (reply != null) {
          return new Refusal(MessageRefusal.SENDER_NOT_ALLOWED, reply);
        }
      }
      if (isTooLarge(from.size())) {
        return sizeRefusal();
      }
      // 'rewriteFrom' removes the SIZE, and other messages are sent later, so the origin would
      // refuse it
      // after the data. Other devices get the answer of their origin.
      boolean unheard = later || mailbox != null || policy.rewriteFrom() != null;
      if (unheard && originSize > 0 && from.size() > originSize) {
        return new Refusal(
            MessageRefusal.TOO_LARGE,
            "552 5.3.4 The message is larger than the %d bytes that the mail server accepts"
                .formatted(originSize));
      }
    }
    return quota.takeMessage()
        ? null
        : new Refusal(
            MessageRefusal.MESSAGES_PER_HOUR,
            "450 4.7.1 This device has sent its %d messages per hour (mail.messagesPerHour); try again later"
                .formatted(policy.messagesPerHour()));
  }

  /**
   * Checks a RCPT, and counts the recipient; null if it may pass.
   *
   * @param others the recipients of the message that the origin accepted or may accept
   */
  @Nullable Refusal recipient(@Nullable Envelope to, int others) {
    String notAllowed = to == null ? null : recipients.refusal(to);
    if (notAllowed != null) {
      return new Refusal(MessageRefusal.RECIPIENT_NOT_ALLOWED, notAllowed);
    }
    if (policy.maximumRecipients() > 0 && others >= policy.maximumRecipients()) {
      return new Refusal(
          MessageRefusal.TOO_MANY_RECIPIENTS,
          "452 4.5.3 Too many recipients; a message may have %d (mail.maximumRecipients)"
              .formatted(policy.maximumRecipients()));
    }
    return quota.takeRecipient()
        ? null
        : new Refusal(
            MessageRefusal.RECIPIENTS_PER_DAY,
            "450 4.7.1 This device has sent to its %d recipients per day (mail.recipientsPerDay); try again later"
                .formatted(policy.recipientsPerDay()));
  }

  /** Whether a message of this size is too large. */
  boolean isTooLarge(long size) {
    return policy.maximumSize() > 0 && size > policy.maximumSize();
  }

  /** The refusal of a message that is too large. */
  Refusal sizeRefusal() {
    return new Refusal(MessageRefusal.TOO_LARGE, tooLarge(policy));
  }

  static String tooLarge(MailPolicy policy) {
    return "552 5.3.4 The message is larger than %d bytes (mail.maximumSize)"
        .formatted(policy.maximumSize());
  }

  /** A request for a permit of the mailbox, or null if this message needs none. */
  @Nullable Permit permit() {
    return mailbox == null ? null : mailbox.messages().get();
  }

  /** The refusal after the wait for a permit, or null. */
  static @Nullable Refusal refusal(PermitResult answer) {
    if (answer instanceof PermitResult.Busy busy) {
      return new Refusal(
          MessageRefusal.TOO_MANY_MESSAGES, "432 4.3.2 Try again later: " + busy.why(), busy.why());
    }
    if (!(answer instanceof PermitResult.Given)) {
      throw new UnhandledVariantException(answer);
    }
    return null;
  }
}
