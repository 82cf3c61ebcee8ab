package org.tlsuplift.server.it.signin;

import java.io.IOException;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.MicrosoftLines;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.peer.Mail;

/** One IMAP session at {@link ExchangeOnline}. After the sign-in it is one at Dovecot. */
record ExchangeImap(ExchangeOnline exchange, MailTalk device) {
  void hold() throws IOException {
    exchange.startTls(device);
    device.say(MicrosoftLines.greeting(MailProtocol.IMAP));
    for (String line = device.hear(); !line.isEmpty(); line = device.hear()) {
      String[] words = line.split(" ", -1);
      String tag = words[0] + " ";
      switch (words.length < 2 ? "" : words[1].toUpperCase(Locale.ROOT)) {
        case "CAPABILITY" -> capabilities(tag);
        case "ID" -> {
          device.say(
              "* ID (\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\" \"version\" \"15.20\")");
          device.say(tag + "OK ID completed.");
        }
        case "NOOP" -> device.say(tag + "OK NOOP completed.");
        case "LOGIN" -> device.say(tag + MicrosoftLines.IMAP_PASSWORD);
        case "AUTHENTICATE" -> {
          if (signIn(tag, words)) {
            return;
          }
        }
        case "LOGOUT" -> {
          device.say("* BYE Microsoft Exchange Server IMAP4 server signing off.");
          device.say(tag + "OK LOGOUT completed.");
          return;
        }
        default -> device.say(tag + "BAD Command received in Invalid state.");
      }
    }
  }

  private void capabilities(String tag) throws IOException {
    device.say(MicrosoftLines.imapCapabilities(true, true));
    device.say(tag + "OK CAPABILITY completed.");
  }

  /** Signs in and relays; whether the session is over. */
  private boolean signIn(String tag, String[] words) throws IOException {
    if (!words[2].equals("XOAUTH2")) {
      device.say(tag + "NO AUTHENTICATE failed.");
      return false;
    }
    String mailbox = exchange.mailbox(words.length > 3 ? words[3] : device.ask("+ "));
    if (mailbox.isEmpty()) {
      device.say(tag + MicrosoftLines.badToken(MailProtocol.IMAP));
      return false;
    }
    if (exchange.isClosed(mailbox)) {
      device.say(tag + MicrosoftLines.IMAP_CLOSED);
      return false;
    }
    Account account = exchange.account(mailbox);
    try (MailTalk behind = exchange.behind(Mail.IMAP)) {
      behind.hear();
      behind.askUntil("x LOGIN " + account.address() + " " + account.password(), "x OK");
      device.say(tag + MicrosoftLines.signedIn(MailProtocol.IMAP));
      exchange.passBack(behind, device);
      for (String line = device.hearWithEnd(); !line.isEmpty(); line = device.hearWithEnd()) {
        if (line.matches("(?is)\\S+ CAPABILITY\\s*")) {
          capabilities(line.split(" ", 2)[0] + " ");
        } else {
          behind.send(line);
        }
      }
    }
    return true;
  }
}
