package org.tlsuplift.proxy.mail.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An origin that accepts every message, and sends its replies in pieces of one size. Like Postfix,
 * it refuses an EHLO without a name and an RSET with an argument, and then keeps its message. It
 * does not read a chunk that it refuses.
 */
final class ScriptedSmtpOrigin {
  private final GuardedSession session;
  private final int cut;
  private final StringBuilder heard = new StringBuilder();
  private final StringBuilder deviceHeard = new StringBuilder();
  private final StringBuilder input = new StringBuilder();
  private final List<String> misplaced = new ArrayList<>();
  private boolean message;
  private int recipients;
  private int mostRecipients;
  private boolean data;
  private int signIn;
  private long chunk;

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

  private void reset() {
    message = false;
    recipients = 0;
  }

  private String misplaced(String line, String reply) {
    misplaced.add(line);
    return reply;
  }

  private String recipient(String line) {
    if (!message) {
      return misplaced(line, "503 5.5.1 need MAIL\r\n");
    }
    mostRecipients = Math.max(mostRecipients, ++recipients);
    return "250 2.1.5 ok\r\n";
  }

  private String mail(String line) {
    if (message) {
      return misplaced(line, "503 5.5.1 nested MAIL\r\n");
    }
    message = true;
    return "250 2.1.0 ok\r\n";
  }

  private String data(String line) {
    if (!message) {
      return misplaced(line, "503 5.5.1 need MAIL\r\n");
    }
    data = true;
    return "354 go\r\n";
  }

  private String chunk(String line) {
    if (recipients == 0) {
      return misplaced(line, "503 5.5.1 need RCPT\r\n");
    }
    chunk = Long.parseLong(line.substring(4).strip().split(" ", 2)[0]);
    if (line.toUpperCase(Locale.ROOT).contains("LAST")) {
      reset();
    }
    return chunk == 0 ? "250 2.0.0 chunk\r\n" : next();
  }

  private String next() {
    if (chunk > 0) {
      if (input.length() < chunk) {
        return "";
      }
      input.delete(0, (int) chunk);
      chunk = 0;
      return "250 2.0.0 chunk\r\n";
    }
    if (data) {
      // The CRLF before the first line belongs to the command.
      int end = input.indexOf(".\r\n") == 0 ? 3 : input.indexOf("\r\n.\r\n") + 5;
      if (end < 5 && end != 3) {
        return "";
      }
      input.delete(0, end);
      data = false;
      reset();
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
