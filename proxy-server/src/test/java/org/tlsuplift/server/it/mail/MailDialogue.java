package org.tlsuplift.server.it.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.peer.Mail;

/** Somebody who types a mail protocol without TLS, and reads each reply to its end. */
final class MailDialogue implements AutoCloseable {
  private static final Pattern MULTI_LINE = Pattern.compile("(?is)(CAPA|LIST|RETR .*)\r\n");

  private final Mail mail;
  private final RawDevice device;
  private final String greeting;

  private MailDialogue(Mail mail, RawDevice device) throws IOException {
    this.mail = mail;
    this.device = device;
    this.greeting = reply("");
  }

  /** Connects to a listener and waits for its greeting. */
  static MailDialogue open(Daemon daemon, String listener, Mail mail) throws IOException {
    return new MailDialogue(mail, RawDevice.to(daemon.listener(listener)));
  }

  String greeting() {
    return greeting;
  }

  /** Sends a line and gives the whole reply, or what came before the end. */
  String ask(String line) throws IOException {
    send(line + "\r\n");
    return reply(line + "\r\n");
  }

  void send(String text) throws IOException {
    device.send(text);
  }

  /** All that comes until the other side ends the connection. */
  String rest() throws IOException {
    return device.readText();
  }

  /** What a device asks for before anything else. */
  String askForCapabilities() throws IOException {
    return switch (mail) {
      case SMTP -> ask("EHLO device.corp.example");
      case IMAP -> ask("a1 CAPABILITY");
      case POP3 -> ask("CAPA");
    };
  }

  static String startTls(Mail mail) {
    return switch (mail) {
      case SMTP -> "STARTTLS";
      case IMAP -> "a2 STARTTLS";
      case POP3 -> "STLS";
    };
  }

  String askForTls() throws IOException {
    return ask(startTls(mail));
  }

  private String reply(String command) throws IOException {
    StringBuilder reply = new StringBuilder();
    String line = line();
    while (!line.isEmpty()) {
      reply.append(line);
      if (isLast(command, reply.toString(), line)) {
        break;
      }
      line = line();
    }
    return reply.toString();
  }

  private boolean isLast(String command, String reply, String line) {
    return switch (mail) {
      case SMTP -> line.matches("(?s)\\d{3} .*");
      case IMAP -> command.isEmpty() || line.matches("(?s)(a\\d+ |\\* BYE ).*");
      case POP3 ->
          !MULTI_LINE.matcher(command).matches()
              || reply.startsWith("-ERR")
              || line.equals(".\r\n");
    };
  }

  /** A line with its end, or nothing at the end of all. */
  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = device.readOne(); next >= 0; next = device.readOne()) {
      line.append((char) next);
      if (next == '\n') {
        break;
      }
    }
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    device.close();
  }
}
