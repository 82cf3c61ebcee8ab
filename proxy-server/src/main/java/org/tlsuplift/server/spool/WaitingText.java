package org.tlsuplift.server.spool;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.terminal.TextColumns;
import org.tlsuplift.server.text.Printable;

/** Messages that wait, as text for a terminal, without control characters. */
final class WaitingText {
  private static final String HEADER =
      "ID ACCEPTED DEVICE LISTENER SENDER RECIPIENTS SIZE ATTEMPTS NEXT REPLY";

  private WaitingText() {}

  /** A header, a line for each message, and the totals. */
  static String table(WaitingMail mail, Instant now) {
    List<List<String>> rows = new ArrayList<>(List.of(List.of(HEADER.split(" "))));
    mail.waiting().forEach(each -> rows.add(row(each, now)));
    return String.join("\n", TextColumns.aligned(rows)) + "\n" + mail.summary();
  }

  private static List<String> row(WaitingMail.Message message, Instant now) {
    int more = message.recipients().size() - 1;
    String next = message.nextAttempt().isAfter(now) ? second(message.nextAttempt()) : "now";
    return Stream.of(
            message.id(),
            second(message.accepted()),
            message.device(),
            message.listener(),
            "<" + message.sender() + ">",
            message.recipients().get(0) + (more == 0 ? "" : " +" + more),
            String.valueOf(message.size()),
            String.valueOf(message.attempts()),
            message.held() ? "held" : next,
            message.lastReply())
        .map(Printable::line)
        .toList();
  }

  /** All that is known about a message. */
  static List<String> lines(WaitingMail.Message message) {
    return Stream.of(
            "message      " + message.id() + (message.held() ? " (held)" : ""),
            "accepted     " + second(message.accepted()),
            "device       " + message.device(),
            "listener     " + message.listener(),
            "account      " + message.account(),
            "sender       <" + message.sender() + ">",
            "recipients   " + String.join(", ", message.recipients()),
            "size         " + message.size() + " bytes",
            "attempts     " + message.attempts(),
            "next attempt " + second(message.nextAttempt()),
            "until        " + second(message.expires()),
            "last reply   " + message.lastReply(),
            "meaning      " + message.meaning(),
            "remedy       " + message.remedy())
        .filter(line -> line.length() > 13)
        .map(Printable::line)
        .toList();
  }

  private static String second(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
