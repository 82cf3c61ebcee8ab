package org.tlsuplift.server.pages.text;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HandshakeOutcome;
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
                    .map(reason -> CloseReasonText.of(reason, TROUBLESHOOTING + "#" + label)))
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
