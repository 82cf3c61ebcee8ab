package org.tlsuplift.server.it.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * {@code openssl s_client}, with somebody who types the protocol.
 *
 * @param version its option for the only version it offers, such as {@code -tls1}
 */
public record OpensslMailDevice(String version) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("(?m)^ *Protocol *: (\\S+)");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.values());
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    List<String> command = command(way);
    try (Child child = Child.start(new ProcessBuilder(command))) {
      for (MailScript.Line line : MailScript.of(way.mail(), account, letter)) {
        child.type(line.text());
        child.awaitOutput(line.answer());
      }
      int exit = child.awaitExit();
      Run run = new Run(String.join(" ", command), exit, child.output()).succeeded();
      return new Visit(run.find(VERSION), received(way.mail(), run), run);
    }
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    // Two ends of line, so that the program ends where there is no TLS.
    return Run.of(command(way), Map.of(), "QUIT\r\n\r\n");
  }

  private static String received(Mail mail, Run run) {
    return switch (mail) {
      case SMTP -> "";
      case IMAP -> run.output();
      // A dot at the start of a line comes doubled (RFC 1939, section 3).
      case POP3 -> run.output().replaceAll("(?m)^\\.\\.", ".");
    };
  }

  /** The program with its options; it stays until the origin closes. */
  public List<String> command(Way way) {
    List<String> command =
        new ArrayList<>(List.of(Peers.require("openssl"), "s_client", "-ign_eof", "-nocommands"));
    command.addAll(List.of(version, "-cipher", "ALL:@SECLEVEL=0"));
    if (way.connect().isEmpty()) {
      command.addAll(List.of("-connect", Loopback.text(way.listener())));
    } else {
      command.addAll(List.of("-proxy", Loopback.text(way.listener()), "-connect", way.connect()));
    }
    if (!way.implicit()) {
      command.addAll(List.of("-starttls", way.mail().label()));
    }
    command.addAll(
        way.serverName().matches("[0-9.]+")
            ? List.of("-noservername", "-verify_ip", way.serverName())
            : List.of("-servername", way.serverName(), "-verify_hostname", way.serverName()));
    command.addAll(List.of("-CAfile", way.trusted().toString(), "-no-CApath", "-no-CAstore"));
    command.add("-verify_return_error");
    return command;
  }

  @Override
  public String toString() {
    return "openssl s_client " + version;
  }
}
