package org.tlsuplift.proxy.outcome;

/** Why this proxy refused a message or a recipient, by a rule of the operator or of a mailbox. */
public enum MessageRefusal implements Outcome {
  /** The sender is not among {@code allowedSenders} of the account or the listener. */
  SENDER_NOT_ALLOWED(
      "The sender is not allowed",
      "correct the sender in the device, or add it to 'allowedSenders'",
      "550 5.7.60 (allowedSenders)"),
  /** The mailbox of a signed-in device has reached the origin's limit of messages per minute. */
  TOO_MANY_MESSAGES(
      "The mailbox has sent its messages of this minute",
      "use more mailboxes if it repeats; some devices try again, others drop the scan",
      "432 4.3.2 Try again later"),
  RECIPIENT_NOT_ALLOWED(
      "A recipient is not allowed",
      "correct the recipient in the device, or add it to 'allowedRecipients'",
      "550 5.7.1 (allowedRecipients)"),
  TOO_MANY_RECIPIENTS(
      "The message has too many recipients",
      "use a distribution list, or raise 'maximumRecipients'",
      "452 4.5.3"),
  TOO_LARGE(
      "The message is too large",
      "scan fewer pages or with fewer dots per inch, or raise 'maximumSize'",
      "552 5.3.4"),
  MESSAGES_PER_HOUR(
      "The device has sent its messages of this hour",
      "find out what the device sends, or raise 'messagesPerHour'",
      "450 4.7.1"),
  RECIPIENTS_PER_DAY(
      "The device has sent to its recipients of this day",
      "find out what the device sends, or raise 'recipientsPerDay'",
      "450 4.7.1"),
  /** Some servers would read the end of the message elsewhere (the class of CVE-2023-51764). */
  AMBIGUOUS_END(
      "The end of the message is ambiguous",
      "make the device end lines with CR LF, or update it",
      "554 5.6.0"),
  /** A bare CR or LF, where {@code repairLineEnds} is {@code refuse}. */
  BARE_LINE_END(
      "The message has a bare CR or LF",
      "make the device end lines with CR LF, or set 'repairLineEnds: true'",
      "554 5.6.0"),
  /** The header is too large for {@code rewriteFrom}. */
  HEADER_TOO_LARGE(
      "The header of the message is too large",
      "shorten the header in the device, or remove 'rewriteFrom'",
      "552 5.3.4");

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts and enums
  private final Facts facts;

  private final String section;

  MessageRefusal(String title, String remedy, String section) {
    facts = new Facts(Side.DEVICE, Level.WARN, title, remedy, "", null);
    this.section = section;
  }

  @Override
  public Facts facts() {
    return facts;
  }

  /** The heading of the manual's page {@code microsoft-replies} about the reply to the device. */
  public String section() {
    return section;
  }
}
