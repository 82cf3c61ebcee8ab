package org.tlsuplift.proxy.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/**
 * A message that a device began with MAIL: its envelope and what became of it. It has nothing of
 * the header or the content.
 *
 * <p>Addresses are as the device sent them, without control characters, each at most {@value
 * #MAX_ADDRESS} characters.
 *
 * @param sender empty for the null sender {@code <>}
 * @param recipients in the order of the commands, refused ones included; the first {@value
 *     #MAX_RECIPIENTS}
 * @param recipientCount all recipients, refused ones included
 * @param acceptedRecipients the number of recipients that the origin accepted
 * @param size the bytes of the data as the device sent them, without the line that ends them; less
 *     than the whole if the message did not arrive completely
 * @param duration from MAIL to the outcome
 * @param refusal null unless this proxy refused the message
 * @param reply the last line of the reply that decided, with the origin's identifier if it has one;
 *     printable, at most {@value #MAX_REPLY} characters; empty if there was none
 * @param repairedLineEnds the bare CRs and LFs that became CRLF
 */
public record MailMessage(
    String sender,
    List<String> recipients,
    int recipientCount,
    int acceptedRecipients,
    long size,
    Duration duration,
    MessageOutcome outcome,
    @Nullable MessageRefusal refusal,
    String reply,
    long repairedLineEnds) {
  public static final int MAX_ADDRESS = 320;
  public static final int MAX_RECIPIENTS = 50;
  public static final int MAX_REPLY = 400;

  public MailMessage {
    recipients = List.copyOf(recipients);
  }
}
