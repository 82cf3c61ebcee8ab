package org.tlsuplift.server.it.mail;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * {@code s-nail}, the {@code mailx} of many appliances, on OpenSSL. It sends the letter as it is,
 * by sending it again from a mailbox.
 *
 * @param lab where its files are
 * @param version the only version it offers, as OpenSSL says it
 */
record SnailDevice(Lab lab, String version) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("TLS connection using (\\S+) /");

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
    Path mailbox =
        lab.file(
            "mailbox", "From a@b.example Mon Jan  5 10:00:00 2026\n" + letter.content() + "\n");
    String server =
        "%s://%s:%s@localhost:%s"
            .formatted(
                way.implicit() ? "smtps" : "smtp",
                account.address().replace("@", "%40"),
                account.password(),
                way.port());
    return Run.of(
        List.of(
            Peers.require("s-nail"),
            "-n",
            "-#",
            "-v",
            "-v",
            "-S",
            "v15-compat=yes",
            "-S",
            "mta=" + server,
            "-S",
            (way.implicit() ? "no" : "") + "smtp-use-starttls",
            "-S",
            "smtp-auth=login",
            "-S",
            "tls-ca-file=" + way.trusted(),
            "-S",
            "tls-ca-no-defaults",
            "-S",
            "tls-verify=strict",
            "-S",
            "tls-config-pairs=MinProtocol=%1$s,MaxProtocol=%1$s,CipherString=ALL:@SECLEVEL=0"
                .formatted(version),
            "-S",
            "from=" + account.address(),
            "-S",
            "hostname=device." + Account.DOMAIN,
            "-S",
            "sendwait",
            "-S",
            "nosave",
            "-R",
            "-Y",
            "Resend 1 " + account.address(),
            "-Y",
            "eval exit $?",
            "-f",
            mailbox.toString()),
        Map.of("MAILRC", "/dev/null"),
        "");
  }

  @Override
  public String toString() {
    return "s-nail " + version;
  }
}
