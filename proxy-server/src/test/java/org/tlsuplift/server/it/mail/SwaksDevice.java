package org.tlsuplift.server.it.mail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * {@code swaks}, on the OpenSSL of Perl.
 *
 * @param lab where its files are
 * @param version the only version it offers, as OpenSSL says it
 * @param options how it logs in, or whatever else; what comes last wins
 */
public record SwaksDevice(Lab lab, String version, List<String> options) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("TLS started with cipher ([^:]+):");

  public SwaksDevice(Lab lab, String version, String... options) {
    this(lab, version, List.of(options));
  }

  public SwaksDevice with(String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(Arrays.asList(more));
    return new SwaksDevice(lab, version, all);
  }

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.SMTP);
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Run run = attempt(way, account, letter).succeeded();
    return new Visit(run.find(VERSION), "", run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    List<String> command = command(way, account, letter);
    command.addAll(List.of(way.implicit() ? "--tls-on-connect" : "--tls"));
    command.addAll(List.of("--tls-protocol", version.replace(".", "_").replace("TLS", "tls")));
    command.addAll(List.of("--tls-cipher", "ALL:@SECLEVEL=0"));
    command.addAll(List.of("--tls-verify", "--tls-ca-path", way.trusted().toString()));
    if (options.contains("--auth")) {
      command.addAll(List.of("--auth-user", account.address()));
      command.addAll(List.of("--auth-password", account.password()));
    }
    command.addAll(options);
    return Run.of(command);
  }

  /** Sends without TLS and without a password. */
  public Run attemptInPlaintext(Way way, Account account, Letter letter, String... more) {
    List<String> command = command(way, account, letter);
    command.addAll(Arrays.asList(more));
    return Run.of(command);
  }

  private List<String> command(Way way, Account account, Letter letter) {
    return new ArrayList<>(
        List.of(
            Peers.require("swaks"),
            "--server",
            "localhost",
            "--port",
            way.port(),
            "--timeout",
            "60",
            "--suppress-data",
            "--from",
            account.address(),
            "--to",
            account.address(),
            "--data",
            "@" + letter.file(lab)));
  }

  @Override
  public String toString() {
    return "swaks " + version + " " + String.join(" ", options);
  }
}
