package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;

/** The device side of POP3 (RFC 1939, RFC 2449, RFC 2595). */
record Pop3Device() implements DeviceDialect {
  @Override
  public String greeting(String host) {
    return "+OK " + host + " TLS Uplift ready\r\n";
  }

  @Override
  public DeviceCommand command(String line, String host) {
    String stripped = line.strip();
    boolean alone = stripped.indexOf(' ') < 0;
    return switch (DeviceDialect.verb(stripped)) {
      case "CAPA" -> new DeviceCommand.Capabilities("", line);
      case "STLS" ->
          alone
              ? new DeviceCommand.StartTls("")
              : new DeviceCommand.Trivial("-ERR STLS takes no arguments\r\n");
      case "QUIT" -> new DeviceCommand.Quit("+OK Bye\r\n");
      case "USER", "PASS", "APOP", "AUTH", "UTF8", "LANG" -> new DeviceCommand.Beyond("", line);
      default -> new DeviceCommand.Trivial("-ERR Unknown command before signing in\r\n");
    };
  }

  @Override
  public String capabilities(
      DeviceCommand.Capabilities asked, List<String> ofOrigin, String host, boolean plaintext) {
    StringBuilder reply = new StringBuilder("+OK Capability list follows\r\n");
    for (String capability : ofOrigin) {
      String keyword = capability.split(" ", 2)[0].toUpperCase(Locale.ROOT);
      boolean signIn = keyword.equals("USER") || keyword.equals("SASL");
      if (!keyword.equals("STLS") && (plaintext || !signIn)) {
        reply.append(capability).append("\r\n");
      }
    }
    return reply.append("STLS\r\n.\r\n").toString();
  }

  @Override
  public String startTlsAccepted(DeviceCommand.StartTls asked) {
    return "+OK Begin TLS negotiation\r\n";
  }

  @Override
  public String startTlsRefused(DeviceCommand.StartTls asked, String why) {
    return "-ERR [SYS/TEMP] " + MailText.printable(why) + "\r\n";
  }

  @Override
  public String tlsRequired(DeviceCommand.Beyond asked) {
    return "-ERR Use STLS first\r\n";
  }

  @Override
  public String closing(String why) {
    return "-ERR [SYS/TEMP] " + MailText.printable(why) + "\r\n";
  }
}
