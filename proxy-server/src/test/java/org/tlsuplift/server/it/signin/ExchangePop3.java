package org.tlsuplift.server.it.signin;

import java.io.IOException;
import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.MicrosoftLines;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.peer.Mail;

/** One POP3 session at {@link ExchangeOnline}. After the sign-in it is one at Dovecot. */
record ExchangePop3(ExchangeOnline exchange, MailTalk device) {
  void hold() throws IOException {
    exchange.startTls(device);
    device.say(MicrosoftLines.greeting(MailProtocol.POP3));
    for (String line = device.hear(); !line.isEmpty(); line = device.hear()) {
      switch (line.toUpperCase(Locale.ROOT).split(" ", 2)[0]) {
        case "CAPA" -> {
          for (String each : MicrosoftLines.pop3Capabilities(true)) {
            device.say(each);
          }
        }
        case "USER" -> device.say("+OK");
        case "PASS" -> device.say("-ERR Logon failure: unknown user name or bad password.");
        case "AUTH" -> {
          if (signIn(line)) {
            return;
          }
        }
        case "QUIT" -> {
          device.say("+OK Microsoft Exchange Server POP3 server signing off.");
          return;
        }
        default -> device.say("-ERR Command is not valid in this state.");
      }
    }
  }

  /** Signs in and relays; whether the session is over. */
  private boolean signIn(String line) throws IOException {
    if (line.startsWith("AUTH XOAUTH2 ")) {
      device.say(MicrosoftLines.POP3_ONE_LINE);
      return true;
    }
    if (!line.equals("AUTH XOAUTH2")) {
      if (line.equals("AUTH PLAIN")) {
        device.ask("+ ");
      }
      device.say(MicrosoftLines.badToken(MailProtocol.POP3));
      return false;
    }
    String mailbox = exchange.mailbox(device.ask("+ "));
    if (mailbox.isEmpty() || exchange.isClosed(mailbox)) {
      device.say(MicrosoftLines.badToken(MailProtocol.POP3));
      return false;
    }
    Account account = exchange.account(mailbox);
    try (MailTalk behind = exchange.behind(Mail.POP3)) {
      behind.hear();
      behind.ask("USER " + account.address());
      if (!behind.ask("PASS " + account.password()).startsWith("+OK")) {
        throw new IOException("the server that keeps the mail refuses " + mailbox);
      }
      device.say(MicrosoftLines.signedIn(MailProtocol.POP3));
      exchange.passBack(behind, device);
      for (String next = device.hearWithEnd(); !next.isEmpty(); next = device.hearWithEnd()) {
        behind.send(next);
      }
    }
    return true;
  }
}
