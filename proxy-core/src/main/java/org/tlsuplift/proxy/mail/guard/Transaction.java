package org.tlsuplift.proxy.mail.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.MessageRefusal;

/**
 * A message from its MAIL to its outcome (RFC 5321 section 3.3), as far as it is reported. For one
 * event loop.
 */
final class Transaction {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f]");

  private final String sender;
  private final String envelopeSender;
  private final long startedNanos = System.nanoTime();
  private final List<String> recipients = new ArrayList<>();
  private int recipientCount;
  private int accepted;
  private int pending;
  private int resetsPending;
  private boolean senderPending;
  private boolean broken;
  private long size;
  private long repaired;
  private String reply = "";
  private @Nullable MessageRefusal refusal;

  /**
   * Begins a message.
   *
   * @param sender as the device sent it, in Unicode
   * @param envelopeSender the same with each byte one character; empty if it cannot be read
   */
  Transaction(String sender, String envelopeSender) {
    this.sender = shown(sender);
    this.envelopeSender = envelopeSender;
  }

  String envelopeSender() {
    return envelopeSender;
  }

  /** MAIL was passed on. */
  void senderPassed() {
    senderPending = true;
  }

  boolean isSenderPending() {
    return senderPending;
  }

  /** Whether the origin accepted MAIL; otherwise there is no message. */
  boolean senderAnswered(String line) {
    senderPending = false;
    return answered(line);
  }

  /** A command that resets, if the origin accepts it, was passed on. */
  void resetPassed() {
    resetsPending++;
  }

  void resetAnswered() {
    resetsPending--;
  }

  boolean isResetPending() {
    return resetsPending > 0;
  }

  /** A recipient, passed on or refused. */
  void addRecipient(String recipient) {
    recipientCount++;
    if (recipients.size() < MailMessage.MAX_RECIPIENTS) {
      recipients.add(shown(recipient));
    }
  }

  void recipientPassed() {
    pending++;
  }

  void recipientAnswered(String line) {
    pending--;
    if (answered(line)) {
      accepted++;
    }
  }

  /** The recipients that the origin accepted or may accept. */
  int possibleRecipients() {
    return accepted + pending;
  }

  /** Whether the origin accepted a recipient. */
  boolean hasRecipients() {
    return accepted > 0;
  }

  /** Without this chunk, the origin wants no other part (RFC 3030 section 2). */
  void chunkAnswered(String line) {
    broken |= !answered(line);
  }

  /** Keeps a reply other than 2xx, because it may be the last. Returns whether the reply is 2xx. */
  boolean answered(String line) {
    boolean positive = line.startsWith("2");
    if (!positive) {
      reply = shownReply(line);
      refusal = null;
    }
    return positive;
  }

  /** Keeps a refusal of this proxy, because it may be the last reply. */
  void refused(Refusal why) {
    reply = shownReply(why.reply());
    refusal = why.reason();
  }

  /** A part of the message is missing at the origin, so no other part may follow. */
  void breakOff(Refusal why) {
    refused(why);
    broken = true;
  }

  boolean isBroken() {
    return broken;
  }

  /** The device sent so many bytes of the message. */
  void addSize(long bytes) {
    size += bytes;
  }

  long size() {
    return size;
  }

  void addRepaired(long lineEnds) {
    repaired += lineEnds;
  }

  /** The end by the origin's reply to the message, or to its MAIL. */
  MailMessage endedBy(String line) {
    reply = shownReply(line);
    refusal = null;
    return message(outcome(line));
  }

  /** The end without a reply to the message. An earlier refusal may be why the device gave up. */
  MailMessage abandoned() {
    if (refusal != null) {
      return message(MessageOutcome.REFUSED);
    }
    return message(reply.isEmpty() ? MessageOutcome.ABANDONED : outcome(reply));
  }

  private MailMessage message(MessageOutcome outcome) {
    return new MailMessage(
        sender,
        recipients,
        recipientCount,
        accepted,
        size,
        Duration.ofNanos(System.nanoTime() - startedNanos),
        outcome,
        refusal,
        reply,
        repaired);
  }

  /** Without control characters, and not too long. */
  private static String shown(String address) {
    String cut = address.substring(0, Math.min(address.length(), MailMessage.MAX_ADDRESS));
    return CONTROL.matcher(cut).replaceAll("?");
  }

  /** A reply line of an origin or of this proxy. */
  private static String shownReply(String line) {
    String text = line.stripTrailing();
    return ShortText.printable(text.substring(0, Math.min(text.length(), MailMessage.MAX_REPLY)));
  }

  private static MessageOutcome outcome(String line) {
    if (line.startsWith(SmtpGuard.KEPT)) {
      return MessageOutcome.WAITING;
    }
    return line.startsWith("2")
        ? MessageOutcome.ACCEPTED
        : line.startsWith("4") ? MessageOutcome.DEFERRED : MessageOutcome.REJECTED;
  }
}
