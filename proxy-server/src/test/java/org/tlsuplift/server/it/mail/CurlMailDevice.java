package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * {@code curl} as a mail program.
 *
 * @param lab where its files are
 * @param version the newest version it offers, such as 1.0
 */
public record CurlMailDevice(Lab lab, String version) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("SSL connection using (\\S+) /");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.values());
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Path received = lab.directory("curl").resolve("received");
    Run run = run(way, account, letter, received).succeeded();
    return new Visit(run.find(VERSION), way.mail() == Mail.SMTP ? "" : Letter.read(received), run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    return run(way, account, letter, lab.directory("curl").resolve("received"));
  }

  /** Logs in and sends or fetches without TLS; gives what was fetched. */
  String visitInPlaintext(Way way, Account account, Letter letter) {
    Path received = lab.directory("curl").resolve("received");
    Run run = run(way, account, letter, received, "--disable").succeeded();
    assertThat(run.output()).doesNotContain("SSL connection");
    return way.mail() == Mail.SMTP ? "" : Letter.read(received);
  }

  private Run run(Way way, Account account, Letter letter, Path received) {
    return run(way, account, letter, received, "--ssl-reqd");
  }

  private Run run(Way way, Account account, Letter letter, Path received, String tls) {
    List<String> command = new ArrayList<>(List.of(Peers.require("curl"), tls, "-sSv"));
    command.addAll(List.of("--max-time", "60", "--cacert", way.trusted().toString()));
    command.addAll(List.of("--tlsv1.0", "--tls-max", version, "--ciphers", "ALL:@SECLEVEL=0"));
    command.addAll(List.of("--user", account.address() + ":" + account.password()));
    String host = way.serverName() + ":" + way.port();
    if (!way.connect().isEmpty()) {
      host = way.connect();
      command.addAll(List.of("--noproxy", "", "--proxytunnel"));
      command.addAll(List.of("--proxy", "http://" + Loopback.text(way.listener())));
    }
    String server = way.mail().label() + (way.implicit() ? "s" : "") + "://" + host + "/";
    switch (way.mail()) {
      case SMTP -> {
        command.addAll(List.of("--mail-from", account.address(), "--crlf"));
        command.addAll(List.of("--mail-rcpt", account.address()));
        command.addAll(List.of("-T", letter.file(lab).toString(), server + Account.DOMAIN));
      }
      case IMAP -> command.addAll(List.of("-o", received + "", server + "INBOX;MAILINDEX=1"));
      case POP3 -> command.addAll(List.of("-o", received + "", server + "1"));
    }
    return Run.of(command);
  }

  @Override
  public String toString() {
    return "curl " + version;
  }
}
