package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The device side of IMAP (RFC 9051, RFC 3501). */
record ImapDevice() implements DeviceDialect {
  /** RFC 9051 section 9: a tag has no special characters and no plus sign. */
  private static final Pattern COMMAND =
      Pattern.compile("([!#$&',\\-./0-9:;<=>?@A-Z\\[\\]^_`a-z|}~]{1,64}) +([A-Za-z]+)( [^\r\n]*)?");

  /** A literal that is sent without a prompt (RFC 7888). */
  private static final Pattern LITERAL = Pattern.compile("[^\r\n]*\\{(\\d{1,9})\\+}");

  @Override
  public String greeting(String host) {
    return "* OK " + host + " TLS Uplift ready\r\n";
  }

  @Override
  public DeviceCommand command(String line, String host) {
    Matcher command = COMMAND.matcher(line);
    if (!command.matches()) {
      return new DeviceCommand.Trivial("* BAD Expected a tag and a command\r\n");
    }
    String tag = command.group(1);
    String name = command.group(2).toUpperCase(Locale.ROOT);
    boolean bare = command.group(3) == null || command.group(3).isBlank();
    return switch (name) {
      case "CAPABILITY" ->
          bare ? new DeviceCommand.Capabilities(tag, line) : noArguments(tag, name);
      case "STARTTLS" -> bare ? new DeviceCommand.StartTls(tag) : noArguments(tag, name);
      case "NOOP" -> new DeviceCommand.Trivial(tag + " OK NOOP completed\r\n");
      case "ID" -> new DeviceCommand.Trivial("* ID NIL\r\n" + tag + " OK ID completed\r\n");
      case "LOGOUT" ->
          new DeviceCommand.Quit("* BYE Logging out\r\n" + tag + " OK LOGOUT completed\r\n");
      default -> new DeviceCommand.Beyond(tag, line);
    };
  }

  private static DeviceCommand noArguments(String tag, String name) {
    return new DeviceCommand.Trivial(tag + " BAD " + name + " takes no arguments\r\n");
  }

  @Override
  public int literalAfter(String line) {
    Matcher literal = LITERAL.matcher(line);
    return literal.matches() ? Integer.parseInt(literal.group(1)) : 0;
  }

  @Override
  public String capabilities(
      DeviceCommand.Capabilities asked, List<String> ofOrigin, String host, boolean plaintext) {
    StringBuilder reply = new StringBuilder("* CAPABILITY");
    for (String capability : ofOrigin) {
      String name = capability.toUpperCase(Locale.ROOT);
      boolean hidden =
          name.equals("STARTTLS")
              || name.equals("LOGINDISABLED")
              || (name.startsWith("AUTH=") && !plaintext);
      if (!hidden) {
        reply.append(' ').append(capability);
      }
    }
    reply.append(plaintext ? " STARTTLS" : " STARTTLS LOGINDISABLED").append("\r\n");
    return reply.append(asked.tag()).append(" OK CAPABILITY completed\r\n").toString();
  }

  @Override
  public String startTlsAccepted(DeviceCommand.StartTls asked) {
    return asked.tag() + " OK Begin TLS negotiation now\r\n";
  }

  @Override
  public String startTlsRefused(DeviceCommand.StartTls asked, String why) {
    return asked.tag() + " NO [UNAVAILABLE] " + MailText.printable(why) + "\r\n";
  }

  @Override
  public String tlsRequired(DeviceCommand.Beyond asked) {
    return asked.tag() + " NO [PRIVACYREQUIRED] Use STARTTLS first\r\n";
  }

  @Override
  public String closing(String why) {
    return "* BYE " + MailText.printable(why) + "\r\n";
  }
}
