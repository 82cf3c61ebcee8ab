package org.tlsuplift.server.spool;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.OriginReplies;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.mail.OutgoingMessage;

/**
 * The messages that wait, as pages, API and command show them.
 *
 * @param held the number of those that are held
 * @param waiting the oldest of them
 */
public record WaitingMail(
    long messages, long bytes, long held, @Nullable Instant oldest, List<Message> waiting) {
  public static final WaitingMail NONE = new WaitingMail(0, 0, 0, null, List.of());

  /** How many messages are shown, unless more are wanted. */
  public static final int SHOWN = 200;

  /** After this time, an operator should look. */
  public static final Duration LATE = Duration.ofHours(1);

  /** The beginning of a reply, after words about the destination. */
  private static final Pattern REPLY = Pattern.compile("\\b[45][0-9]{2}[ -][45]\\.");

  public WaitingMail {
    waiting = List.copyOf(waiting);
  }

  /**
   * A message, without its content. Texts are empty if they are unknown; JSON omits those.
   *
   * @param recipients that have neither got it nor refused it
   * @param knownReply the label of the known refusal in the last reply
   * @param meaning of that refusal
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Message(
      String id,
      Instant accepted,
      String device,
      String listener,
      String account,
      String sender,
      List<String> recipients,
      long size,
      int attempts,
      Instant nextAttempt,
      Instant expires,
      boolean held,
      String lastReply,
      @JsonIgnore String knownReply,
      String meaning,
      String remedy) {
    public Message {
      recipients = List.copyOf(recipients);
    }

    public static Message of(OutgoingMessage message) {
      Optional<OriginReply> known = known(message.lastReply());
      String account = message.envelope().account();
      return new Message(
          message.id(),
          message.accepted(),
          DeviceAddress.of(message.envelope().device()).text(),
          message.envelope().listener(),
          account,
          message.envelope().sender(),
          message.open(),
          message.size(),
          message.attempts(),
          message.nextAttempt(),
          message.expires(),
          message.held(),
          message.lastReply(),
          known.map(OriginReply::label).orElse(""),
          known.map(OriginReply::title).orElse(""),
          known.map(reply -> account.isEmpty() ? reply.advice() : reply.signInRemedy()).orElse(""));
    }
  }

  /** The totals and the oldest messages. */
  public static WaitingMail of(SpoolStore spool, int most) throws SpoolException {
    SpoolStore.Totals all = spool.totals();
    List<Message> oldest = spool.list(most).stream().map(Message::of).toList();
    return new WaitingMail(all.messages(), all.bytes(), all.held(), all.oldest(), oldest);
  }

  /** How many and since when, in one line. */
  public String summary() {
    return oldest == null
        ? "no message waits"
        : "messages: %d, held: %d, bytes: %d, the oldest since %s"
            .formatted(messages, held, bytes, oldest.truncatedTo(ChronoUnit.SECONDS));
  }

  /** Whether a message waits for so long that an operator should look. */
  public boolean isLate(Instant now) {
    return !waiting.isEmpty() && waiting.get(0).accepted().isBefore(now.minus(LATE));
  }

  private static Optional<OriginReply> known(String lastReply) {
    Matcher reply = REPLY.matcher(lastReply);
    return reply.find()
        ? OriginReplies.recognise(MailProtocol.SMTP, lastReply.substring(reply.start()))
        : Optional.empty();
  }
}
