package org.tlsuplift.server.pages.text;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.model.OriginReply;

/**
 * A problem of a device in plain words: the only table for the labels of log, metrics and
 * inventory.
 *
 * @param words the problem, in a few words
 * @param remedy the remedy, in one line
 * @param manual the section of the manual about it
 */
public record ProblemText(String words, String remedy, String manual) {
  private static final String TROUBLESHOOTING = "/manual/troubleshooting";
  private static final String REPLIES = "/manual/microsoft-replies";

  /** The failure or the refusal of Microsoft 365 with this label: no two share one. */
  public static ProblemText of(String label) {
    return isReply(label) ? ofReply(label) : ofFailure(label);
  }

  private static boolean isReply(String label) {
    return Arrays.stream(OriginReply.values()).anyMatch(reply -> reply.label().equals(label));
  }

  /** The problem with this label of a failure; an unknown label is shown as it is. */
  public static ProblemText ofFailure(String label) {
    Optional<ProblemText> handshake =
        Arrays.stream(HandshakeOutcome.values())
            .filter(outcome -> outcome.label().equals(label))
            .findAny()
            .map(
                outcome ->
                    new ProblemText(
                        words(outcome),
                        PageText.whole(outcome.remedy()),
                        TROUBLESHOOTING + "#" + label));
    return handshake
        .or(
            () ->
                Arrays.stream(CloseReason.values())
                    .filter(reason -> reason.label().equals(label))
                    .findAny()
                    .map(
                        reason ->
                            new ProblemText(
                                reason.title(), reason.advice(), TROUBLESHOOTING + "#" + label)))
        .orElseGet(() -> unknown(label, TROUBLESHOOTING));
  }

  /** The refusal of Microsoft 365 with this label. */
  public static ProblemText ofReply(String label) {
    return Arrays.stream(OriginReply.values())
        .filter(reply -> reply.label().equals(label))
        .findAny()
        .map(
            reply ->
                new ProblemText(
                    reply.label() + ": " + ReplyWords.of(reply),
                    PageText.whole(reply.remedy()),
                    REPLIES + "#" + slug(label)))
        .orElseGet(() -> unknown(label, REPLIES));
  }

  /** The refusal of messages by this proxy with this label. */
  public static ProblemText ofRefusal(String label) {
    return Arrays.stream(MessageRefusal.values())
        .filter(refusal -> refusal.label().equals(label))
        .findAny()
        .map(
            refusal ->
                new ProblemText(
                    words(refusal),
                    PageText.whole(refusal.remedy()),
                    REPLIES + "#" + slug(heading(refusal))))
        .orElseGet(() -> unknown(label, REPLIES));
  }

  private static String words(MessageRefusal refusal) {
    return switch (refusal) {
      case SENDER_NOT_ALLOWED -> "The sender is not allowed";
      case TOO_MANY_MESSAGES -> "The mailbox has sent its messages of this minute";
      case RECIPIENT_NOT_ALLOWED -> "A recipient is not allowed";
      case TOO_MANY_RECIPIENTS -> "The message has too many recipients";
      case TOO_LARGE -> "The message is too large";
      case MESSAGES_PER_HOUR -> "The device has sent its messages of this hour";
      case RECIPIENTS_PER_DAY -> "The device has sent to its recipients of this day";
      case AMBIGUOUS_END -> "The end of the message is ambiguous";
      case BARE_LINE_END -> "The message has a bare CR or LF";
      case HEADER_TOO_LARGE -> "The header of the message is too large";
    };
  }

  /** The heading of the manual about the reply that the device gets. */
  private static String heading(MessageRefusal refusal) {
    return switch (refusal) {
      case SENDER_NOT_ALLOWED -> "550 5.7.60 (allowedSenders)";
      case TOO_MANY_MESSAGES -> "432 4.3.2 Try again later";
      case RECIPIENT_NOT_ALLOWED -> "550 5.7.1 (allowedRecipients)";
      case TOO_MANY_RECIPIENTS -> "452 4.5.3";
      case TOO_LARGE, HEADER_TOO_LARGE -> "552 5.3.4";
      case MESSAGES_PER_HOUR, RECIPIENTS_PER_DAY -> "450 4.7.1";
      case AMBIGUOUS_END, BARE_LINE_END -> "554 5.6.0";
    };
  }

  private static ProblemText unknown(String label, String manual) {
    return new ProblemText(
        PageText.visible(label), "Look for the session's line in the log.", manual);
  }

  /** The anchor of a heading of Markdown. */
  private static String slug(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  static String words(HandshakeOutcome outcome) {
    return switch (outcome) {
      case COMPLETED -> "TLS handshake completed";
      case NO_SHARED_VERSION -> "Offers no TLS version that the listener allows";
      case NO_SHARED_CIPHER -> "Offers no cipher suite that the listener allows";
      case CERTIFICATE_REJECTED -> "Does not trust the CA";
      case TIMEOUT -> "TLS handshake takes too long";
      case NOT_TLS -> "Does not start TLS";
      case CLOSED -> "Leaves during the TLS handshake";
      case PROTOCOL_ERROR -> "Breaks the TLS protocol";
      case ABANDONED -> "Origin failed during the TLS handshake";
    };
  }
}
