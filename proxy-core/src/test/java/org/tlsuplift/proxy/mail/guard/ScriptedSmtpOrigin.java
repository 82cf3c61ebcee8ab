package org.tlsuplift.proxy.mail.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MessageOutcome;

/**
 * An origin that accepts every message, and sends its replies in pieces of one size. Like Postfix,
 * it refuses an EHLO without a name and an RSET with an argument, and then keeps its message. It
 * does not read a chunk that it refuses.
 */
final class ScriptedSmtpOrigin {
  /**
   * A message that it accepted.
   *
   * @param mail its MAIL, without CRLF
   * @param data without the line that ends it
   */
  record Taken(String mail, List<String> recipients, String data) {}

  private final GuardedSession session;
  private final int cut;
  private final StringBuilder heard = new StringBuilder();
  private final StringBuilder deviceHeard = new StringBuilder();
  private final StringBuilder input = new StringBuilder();
  private final List<String> misplaced = new ArrayList<>();
  private final List<Taken> taken = new ArrayList<>();
  private final List<String> recipients = new ArrayList<>();
  private final StringBuilder content = new StringBuilder();
  private String message = "";
  private int mostRecipients;
  private int positive;
  private boolean data;
  private int signIn;
  private long chunk;
  private boolean lastChunk;

  ScriptedSmtpOrigin(GuardedSession session, int cut) {
    this.session = session;
    this.cut = cut;
  }

  /** Replies to all input, and to the input that follows these replies. */
  void answer() {
    for (String passed = session.passed(); !passed.isEmpty(); passed = session.passed()) {
      heard.append(passed);
      input.append(passed);
      for (String reply = next(); !reply.isEmpty(); reply = next()) {
        positive += reply.startsWith("2") || reply.startsWith("3") ? 1 : 0;
        for (int at = 0; at < reply.length(); at += cut) {
          session.origin(reply.substring(at, Math.min(reply.length(), at + cut)));
        }
      }
    }
    deviceHeard.append(session.heard());
  }

  String heard() {
    return heard.toString();
  }

  String deviceHeard() {
    return deviceHeard.toString();
  }

  /** The commands that need another state of the message than the origin has. */
  List<String> misplaced() {
    return misplaced;
  }

  /** The recipients of the message that had most. */
  int mostRecipients() {
    return mostRecipients;
  }

  /** The number of positive replies that it sent. */
  int positiveReplies() {
    return positive;
  }

  List<Taken> taken() {
    return taken;
  }

  /** The reports of accepted messages agree with the messages. */
  void assertReported() {
    List<MailMessage> reported =
        session.messages.stream()
            .filter(each -> each.outcome() == MessageOutcome.ACCEPTED)
            .toList();
    assertThat(reported).hasSameSizeAs(taken);
    for (int i = 0; i < taken.size(); i++) {
      MailMessage report = reported.get(i);
      assertThat(report.acceptedRecipients()).isEqualTo(taken.get(i).recipients().size());
    }
  }

  /** A command with an address that each server reads alike, without its CRLF or with it. */
  static Pattern plainAddress(String command, String domain) {
    return Pattern.compile(
        "(?is)%s: *(<%2$s>|%2$s)( +[^<> ]+(<>)?)* *(\r\n)?"
            .formatted(command, "(?!imcea)[^<>@\\s\"%!(),:;\\[\\]\\\\]+@" + Pattern.quote(domain)));
  }

  private void reset() {
    message = "";
    recipients.clear();
    content.setLength(0);
  }

  private void take() {
    taken.add(new Taken(message, List.copyOf(recipients), content.toString()));
    reset();
  }

  private String misplaced(String line, String reply) {
    misplaced.add(line);
    return reply;
  }

  private String recipient(String line) {
    if (message.isEmpty()) {
      return misplaced(line, "503 5.5.1 need MAIL\r\n");
    }
    recipients.add(line);
    mostRecipients = Math.max(mostRecipients, recipients.size());
    return "250 2.1.5 ok\r\n";
  }

  private String mail(String line) {
    if (!message.isEmpty()) {
      return misplaced(line, "503 5.5.1 nested MAIL\r\n");
    }
    message = line;
    return "250 2.1.0 ok\r\n";
  }

  private String data(String line) {
    if (message.isEmpty()) {
      return misplaced(line, "503 5.5.1 need MAIL\r\n");
    }
    data = true;
    return "354 go\r\n";
  }

  private String chunk(String line) {
    if (recipients.isEmpty()) {
      return misplaced(line, "503 5.5.1 need RCPT\r\n");
    }
    chunk = Long.parseLong(line.substring(4).strip().split(" ", 2)[0]);
    lastChunk = line.toUpperCase(Locale.ROOT).contains("LAST");
    return chunk == 0 ? endOfChunk() : next();
  }

  private String endOfChunk() {
    content.append(input, 0, (int) chunk);
    input.delete(0, (int) chunk);
    chunk = 0;
    if (lastChunk) {
      take();
    }
    return "250 2.0.0 chunk\r\n";
  }

  private String next() {
    if (chunk > 0) {
      if (input.length() < chunk) {
        return "";
      }
      return endOfChunk();
    }
    if (data) {
      // The CRLF before the first line belongs to the command.
      int end = input.indexOf(".\r\n") == 0 ? 3 : input.indexOf("\r\n.\r\n") + 5;
      if (end < 5 && end != 3) {
        return "";
      }
      content.append(input, 0, end - 3);
      input.delete(0, end);
      data = false;
      take();
      return "250 2.0.0 taken\r\n";
    }
    int end = input.indexOf("\r\n");
    if (end < 0) {
      return "";
    }
    String line = input.substring(0, end);
    input.delete(0, end + 2);
    String verb = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    if (signIn > 0) {
      signIn--;
      return signIn > 0 ? "334 password\r\n" : "235 2.7.0 in\r\n";
    }
    if (line.equalsIgnoreCase("AUTH LOGIN")) {
      signIn = 2;
      return "334 name\r\n";
    }
    boolean arguments = !line.substring(verb.length()).isBlank();
    if (arguments ? verb.equals("RSET") : verb.equals("EHLO") || verb.equals("HELO")) {
      return "501 5.5.4 syntax\r\n";
    }
    if (verb.equals("RSET") || verb.equals("EHLO") || verb.equals("HELO")) {
      reset();
    }
    return switch (verb) {
      case "EHLO" -> "250-origin\r\n250-AUTH XOAUTH2\r\n250-SIZE\r\n250 CHUNKING\r\n";
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> data(line);
      case "BDAT" -> chunk(line);
      case "QUIT" -> "221 2.0.0 bye\r\n";
      default -> "250 2.0.0 ok\r\n";
    };
  }
}
