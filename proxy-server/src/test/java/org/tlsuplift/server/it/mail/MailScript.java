package org.tlsuplift.server.it.mail;

import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/** What somebody types who speaks a mail protocol by hand, after TLS has begun. */
final class MailScript {
  /**
   * What is typed, and what must have come before the next is.
   *
   * @param text with its ends of line
   * @param answer an answer that nothing before it looked like
   */
  record Line(String text, Pattern answer) {
    Line(String text, String answer) {
      this(text + "\r\n", Pattern.compile("(?m)^" + answer));
    }
  }

  private MailScript() {}

  /** Sends the letter, or fetches the only one there is. */
  static List<Line> of(Mail mail, Account account, Letter letter) {
    String user = account.address();
    return switch (mail) {
      case SMTP ->
          List.of(
              new Line("EHLO device." + Account.DOMAIN, "250.AUTH [A-Z ]*PLAIN"),
              new Line("AUTH PLAIN " + account.plain(), "235 "),
              new Line("MAIL FROM:<" + user + ">\r\nRCPT TO:<" + user + ">\r\nDATA", "354 "),
              new Line(letter.onTheWire() + ".", "250 .*(queued|OK <)"),
              new Line("QUIT", "221 "));
      case IMAP ->
          List.of(
              new Line("a1 LOGIN " + user + " " + account.password(), "a1 OK "),
              new Line("a2 SELECT INBOX\r\na3 FETCH 1 BODY[]", "a3 OK "),
              new Line("a4 LOGOUT", "a4 OK "));
      case POP3 ->
          List.of(
              new Line("USER " + user, "\\+OK"),
              new Line("PASS " + account.password(), "\\+OK (Logged|Signed) in"),
              new Line("RETR 1", "\\+OK \\d+ octets[\\s\\S]*^\\.\r?$"),
              new Line("QUIT", "\\+OK Logging out"));
    };
  }
}
