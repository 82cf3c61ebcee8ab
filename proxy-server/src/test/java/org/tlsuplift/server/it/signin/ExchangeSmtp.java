package org.tlsuplift.server.it.signin;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.MicrosoftLines;
import org.tlsuplift.server.it.peer.Mail;

/** One SMTP session at {@link ExchangeOnline}. */
final class ExchangeSmtp {
  private static final String HOST = "SY5P282MB4501.AUSP282.PROD.OUTLOOK.COM";

  private final ExchangeOnline exchange;
  private final MailTalk device;
  private boolean secured;
  private String mailbox = "";
  private String sender = "";
  private @Nullable MailTalk behind;

  ExchangeSmtp(ExchangeOnline exchange, MailTalk device) {
    this.exchange = exchange;
    this.device = device;
  }

  void hold() throws IOException {
    device.say(MicrosoftLines.greeting(MailProtocol.SMTP));
    try {
      for (String line = device.hear(); !line.isEmpty(); line = device.hear()) {
        if (!serve(line)) {
          return;
        }
      }
    } finally {
      if (behind != null) {
        exchange.sessions(mailbox).decrementAndGet();
        behind.close();
      }
    }
  }

  /** Whether the session continues. */
  private boolean serve(String line) throws IOException {
    switch (line.split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
      case "EHLO", "HELO" -> {
        for (String each : MicrosoftLines.ehlo(InetAddress.getLoopbackAddress(), secured)) {
          device.say(each);
        }
      }
      case "STARTTLS" -> {
        device.say(MicrosoftLines.startTls(MailProtocol.SMTP));
        exchange.startTls(device);
        secured = true;
      }
      case "AUTH" -> signIn(line.split(" ", -1));
      case "MAIL" -> {
        sender = line.replaceFirst("(?i)^MAIL FROM:<([^>]*)>.*", "$1");
        submit(line, "250 2.1.0 Sender OK");
      }
      case "RCPT" -> submit(line, "250 2.1.5 Recipient OK");
      case "DATA" -> data();
      case "NOOP" -> device.say("250 2.0.0 OK");
      case "RSET" -> submit(line, "250 2.0.0 Resetting");
      case "QUIT" -> {
        device.say("221 2.0.0 Service closing transmission channel");
        return false;
      }
      default -> device.say("500 5.3.3 Unrecognized command '" + line.split(" ", 2)[0] + "'");
    }
    return true;
  }

  private void signIn(String[] words) throws IOException {
    String mechanism = secured && words.length > 1 ? words[1] : "";
    switch (mechanism) {
      case "XOAUTH2" -> {
        String response = words.length > 2 ? words[2] : device.ask("334 ");
        String opened = exchange.mailbox(response);
        if (opened.isEmpty()) {
          device.say(MicrosoftLines.badToken(MailProtocol.SMTP));
        } else {
          open(opened);
          device.say(MicrosoftLines.signedIn(MailProtocol.SMTP));
        }
      }
      case "LOGIN" -> {
        device.ask("334 VXNlcm5hbWU6");
        device.ask("334 UGFzc3dvcmQ6");
        device.say(MicrosoftLines.refusal(MicrosoftLines.SMTP_PASSWORD));
      }
      default -> device.say(MicrosoftLines.refusal("504 5.7.4 Unrecognized authentication type"));
    }
  }

  private void open(String opened) throws IOException {
    mailbox = opened;
    MailTalk talk = exchange.behind(Mail.SMTP);
    exchange.sessions(mailbox).incrementAndGet();
    behind = talk;
    talk.hear();
    talk.askUntil("EHLO exchange", "250 ");
    expect("235", talk.ask("AUTH PLAIN " + exchange.account(mailbox).plain()));
  }

  private void submit(String line, String reply) throws IOException {
    if (behind == null) {
      device.say(MicrosoftLines.refusal("530 5.7.57 Client not authenticated to send mail."));
      return;
    }
    expect("250", behind.ask(line));
    device.say(reply);
  }

  /** Exchange Online refuses sessions and senders only after it has the message. */
  private void data() throws IOException {
    if (behind == null) {
      device.say(MicrosoftLines.refusal("530 5.7.57 Client not authenticated to send mail."));
      return;
    }
    device.say("354 Start mail input; end with <CRLF>.<CRLF>");
    StringBuilder message = new StringBuilder();
    for (String line = ""; !line.equals(".\r\n"); message.append(line)) {
      line = device.hearWithEnd();
      if (line.isEmpty()) {
        return;
      }
    }
    if (exchange.sessions(mailbox).get() > ExchangeOnline.MAX_SESSIONS) {
      device.say(MicrosoftLines.TOO_MANY_CONNECTIONS);
    } else if (sender.equals(ExchangeOnline.BOSS)) {
      device.say(
          MicrosoftLines.refusal(
              "554 5.2.252 SendAsDenied; %s not allowed to send as %s; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied"
                  .formatted(mailbox, sender)));
    } else {
      expect("354", behind.ask("DATA"));
      expect("250", behind.send(message.toString()).hear());
      device.say("250 2.0.0 OK <%s@%s> [Hostname=%2$s]".formatted(UUID.randomUUID(), HOST));
    }
  }

  private static void expect(String code, String reply) throws IOException {
    if (!reply.startsWith(code)) {
      throw new IOException("the server that keeps the mail replied '" + reply + "'");
    }
  }
}
