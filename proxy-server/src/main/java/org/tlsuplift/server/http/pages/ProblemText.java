package org.tlsuplift.server.http.pages;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.server.console.PageText;

/**
 * A problem of a device in plain words, found by its label in log, metrics and inventory.
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
    return find(label, OriginReply.values()).isPresent() ? ofReply(label) : ofFailure(label);
  }

  /** The problem with this label of a failure; an unknown label is shown as it is. */
  public static ProblemText ofFailure(String label) {
    return failure(label)
        .map(outcome -> of(outcome, outcome.title(), TROUBLESHOOTING, label))
        .orElseGet(() -> unknown(label, TROUBLESHOOTING));
  }

  private static Optional<Outcome> failure(String label) {
    return find(label, HandshakeOutcome.values())
        .<Outcome>map(outcome -> outcome)
        .or(() -> find(label, CloseReason.values()));
  }

  /** Whether the failure or the refusal with this label has a step of its own on the overview. */
  static boolean hasStep(String label) {
    return switch (failure(label).map(Outcome::side).orElse(Outcome.Side.ORIGIN)) {
      case DEVICE, PROXY, ORIGIN -> true;
      case NONE, DEVICE_TRUST, DEVICE_DENIED -> false;
    };
  }

  /** The refusal of Microsoft 365 with this label. */
  public static ProblemText ofReply(String label) {
    return find(label, OriginReply.values())
        .map(reply -> of(reply, label + ": " + reply.title(), REPLIES, label))
        .orElseGet(() -> unknown(label, REPLIES));
  }

  /** The refusal of messages by this proxy with this label. */
  public static ProblemText ofRefusal(String label) {
    return find(label, MessageRefusal.values())
        .map(refusal -> of(refusal, refusal.title(), REPLIES, refusal.section()))
        .orElseGet(() -> unknown(label, REPLIES));
  }

  /** The same with a remedy that is known better; an empty one changes nothing. */
  ProblemText withRemedy(String known) {
    return known.isEmpty() ? this : new ProblemText(words, known, manual);
  }

  private static <T extends Outcome> Optional<T> find(String label, T[] outcomes) {
    return Stream.of(outcomes).filter(outcome -> outcome.label().equals(label)).findAny();
  }

  private static ProblemText of(Outcome outcome, String words, String page, String heading) {
    return new ProblemText(words, PageText.whole(outcome.advice()), page + "#" + slug(heading));
  }

  private static ProblemText unknown(String label, String manual) {
    return new ProblemText(
        PageText.visible(label), "Look for the session's line in the log.", manual);
  }

  /** The anchor of a heading of Markdown. */
  public static String slug(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }
}
