package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;

/** The device side of SMTP (RFC 5321, RFC 3207). */
record SmtpDevice() implements DeviceDialect {
  private static final String SYNTAX = "501 5.5.4 Syntax error: no parameters allowed\r\n";

  @Override
  public String greeting(String host) {
    return "220 " + host + " ESMTP TLS Uplift ready\r\n";
  }

  @Override
  public DeviceCommand command(String line, String host) {
    String stripped = line.strip();
    boolean alone = stripped.indexOf(' ') < 0;
    if (!MailText.isPrintable(stripped)) {
      return new DeviceCommand.Trivial("500 5.5.2 Only printable ASCII is supported\r\n");
    }
    return switch (DeviceDialect.verb(stripped)) {
      case "EHLO" -> new DeviceCommand.Capabilities("", stripped);
      case "HELO" -> new DeviceCommand.Hello(stripped, "250 " + host + "\r\n");
      case "STARTTLS" -> alone ? new DeviceCommand.StartTls("") : new DeviceCommand.Trivial(SYNTAX);
      case "NOOP", "RSET" -> new DeviceCommand.Trivial("250 2.0.0 OK\r\n");
      case "QUIT" -> new DeviceCommand.Quit("221 2.0.0 Bye\r\n");
      case "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "BURL", "VRFY", "EXPN", "HELP", "ETRN" ->
          new DeviceCommand.Beyond("", line);
      default -> new DeviceCommand.Trivial("500 5.5.2 Command not recognized\r\n");
    };
  }

  @Override
  public String capabilities(
      DeviceCommand.Capabilities asked, List<String> ofOrigin, String host, boolean plaintext) {
    StringBuilder reply = new StringBuilder("250-" + host + "\r\n");
    for (String capability : ofOrigin) {
      String keyword = capability.split("[ =]", 2)[0].toUpperCase(Locale.ROOT);
      boolean hidden = keyword.equals("STARTTLS") || (keyword.equals("AUTH") && !plaintext);
      if (!hidden) {
        reply.append("250-").append(capability).append("\r\n");
      }
    }
    return reply.append("250 STARTTLS\r\n").toString();
  }

  @Override
  public String startTlsAccepted(DeviceCommand.StartTls asked) {
    return "220 2.0.0 Ready to start TLS\r\n";
  }

  @Override
  public String startTlsRefused(DeviceCommand.StartTls asked, String why) {
    return "454 4.7.0 TLS not available due to temporary reason: %s\r\n"
        .formatted(MailText.printable(why));
  }

  @Override
  public String tlsRequired(DeviceCommand.Beyond asked) {
    return "530 5.7.0 Must issue a STARTTLS command first\r\n";
  }

  @Override
  public String closing(String why) {
    return "421 4.3.0 " + MailText.printable(why) + "\r\n";
  }
}
