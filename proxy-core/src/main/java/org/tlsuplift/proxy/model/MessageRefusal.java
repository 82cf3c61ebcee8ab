package org.tlsuplift.proxy.model;

/** Why this proxy refused a message or a recipient, by a rule of the operator or of a mailbox. */
public enum MessageRefusal implements Labelled {
  /** The sender is not among {@code allowedSenders} of the account or the listener. */
  SENDER_NOT_ALLOWED("correct the sender in the device, or add it to 'allowedSenders'"),
  /** The mailbox of a signed-in device has reached the origin's limit of messages per minute. */
  TOO_MANY_MESSAGES(
      "use more mailboxes if it repeats; some devices try again, others drop the scan"),
  RECIPIENT_NOT_ALLOWED("correct the recipient in the device, or add it to 'allowedRecipients'"),
  TOO_MANY_RECIPIENTS("use a distribution list, or raise 'maximumRecipients'"),
  /** The message is larger than {@code maximumSize}. */
  TOO_LARGE("scan fewer pages or with fewer dots per inch, or raise 'maximumSize'"),
  /** The device has sent its messages of this hour. */
  MESSAGES_PER_HOUR("find out what the device sends, or raise 'messagesPerHour'"),
  /** The device has sent to its recipients of this day. */
  RECIPIENTS_PER_DAY("find out what the device sends, or raise 'recipientsPerDay'"),
  /** Some servers would read the end of the message elsewhere (the class of CVE-2023-51764). */
  AMBIGUOUS_END("make the device end lines with CR LF, or update it"),
  /** A bare CR or LF, where {@code repairLineEnds} is {@code refuse}. */
  BARE_LINE_END("make the device end lines with CR LF, or set 'repairLineEnds: true'"),
  /** The header is too large for {@code rewriteFrom}. */
  HEADER_TOO_LARGE("shorten the header in the device, or remove 'rewriteFrom'");

  private final String remedy;

  MessageRefusal(String remedy) {
    this.remedy = remedy;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return remedy;
  }
}
