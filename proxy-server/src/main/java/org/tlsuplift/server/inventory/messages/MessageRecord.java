package org.tlsuplift.server.inventory.messages;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;

/**
 * What became of one message. It has nothing of the subject or the content.
 *
 * @param id unique; begins with {@link #idBegin}, so that ids sort by time
 * @param at the end of the message
 * @param session the id of the session in the log; of a message that this program delivered or
 *     returned, the id under which it waited
 * @param account the mailbox of a device that this proxy signed in; otherwise empty
 * @param sender the envelope sender; empty for the null sender {@code <>}
 * @param recipients the addresses or {@code @domain}s that may be stored, in their order; together
 *     at most {@value #MAX_RECIPIENTS} characters
 * @param recipientCount all recipients, refused ones included
 * @param acceptedRecipients the recipients that the origin accepted
 * @param size in bytes, as the device sent the message
 * @param duration from MAIL to the end
 * @param refusal the label of the rule by which this proxy refused the message; otherwise empty
 * @param reply the last line of the deciding reply, with the origin's identifier; may be empty
 * @param deviceTls the TLS version of the device; {@value #NO_TLS} without TLS; empty if this
 *     program delivered or returned the message
 * @param originTls the TLS version of the origin; may be empty
 */
public record MessageRecord(
    String id,
    Instant at,
    String session,
    String listener,
    InetAddress device,
    String account,
    String sender,
    List<String> recipients,
    int recipientCount,
    int acceptedRecipients,
    long size,
    Duration duration,
    MessageOutcome outcome,
    String refusal,
    String reply,
    String deviceTls,
    String originTls) {
  public static final int MAX_RECIPIENTS = 2000;

  /** The latest time that an id can begin with. */
  private static final long LATEST = (1L << 48) - 1;

  /** The value of {@code deviceTls} for a device without TLS. */
  public static final String NO_TLS = "none";

  /** The longest account and sender, in characters. */
  static final int MAX_ADDRESS = MailMessage.MAX_ADDRESS;

  public MessageRecord {
    recipients = List.copyOf(recipients);
  }

  /** The beginning of the ids of messages that end at this time: 12 hexadecimal digits. */
  public static String idBegin(Instant at) {
    return HexFormat.of().toHexDigits(Math.max(0, Math.min(at.toEpochMilli(), LATEST)), 12);
  }
}
