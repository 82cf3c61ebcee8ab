package org.tlsuplift.proxy.mail;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules for the messages of one listener. A number that is 0 is no limit.
 *
 * @param allowedSenders the allowed senders in MAIL FROM, in lower case: addresses, {@code @domain}
 *     for a whole domain, or {@code <>} for no sender; empty for all
 * @param allowedRecipients the same for RCPT TO
 * @param maximumRecipients recipients of one message
 * @param maximumSize bytes of the data of one message
 * @param messagesPerHour messages of one device in any hour
 * @param recipientsPerDay recipients of one device in any 24 hours
 * @param rewriteFrom null to keep the device's sender
 */
public record MailPolicy(
    List<String> allowedSenders,
    List<String> allowedRecipients,
    int maximumRecipients,
    long maximumSize,
    int messagesPerHour,
    int recipientsPerDay,
    LineEnds repairLineEnds,
    @Nullable RewriteFrom rewriteFrom) {
  /** No rule of the operator. */
  public static final MailPolicy NONE =
      new MailPolicy(List.of(), List.of(), 0, 0, 0, 0, LineEnds.PASS, null);

  public MailPolicy {
    allowedSenders = List.copyOf(allowedSenders);
    allowedRecipients = List.copyOf(allowedRecipients);
  }

  /**
   * These rules with the address of a mailbox where {@code rewriteFrom} needs it.
   *
   * @param mailbox of a device that this proxy signed in; null for another device, which keeps its
   *     sender if {@code rewriteFrom} needs the mailbox
   */
  public MailPolicy in(@Nullable String mailbox) {
    if (rewriteFrom == null || !rewriteFrom.address().equals(RewriteFrom.MAILBOX)) {
      return this;
    }
    return new MailPolicy(
        allowedSenders,
        allowedRecipients,
        maximumRecipients,
        maximumSize,
        messagesPerHour,
        recipientsPerDay,
        repairLineEnds,
        mailbox == null
            ? null
            : new RewriteFrom(mailbox, rewriteFrom.displayName(), rewriteFrom.replyTo()));
  }

  /**
   * Whether the data passes as it is. Otherwise the device must use DATA, because the length of a
   * chunk of BDAT would be wrong.
   */
  public boolean keepsData() {
    return repairLineEnds == LineEnds.PASS && rewriteFrom == null;
  }
}
