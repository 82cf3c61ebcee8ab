package org.tlsuplift.server.it.mail;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * {@code msmtp}, on GnuTLS.
 *
 * @param lab where its files are
 * @param version the only version it offers, as GnuTLS says it: TLS1.0
 */
public record MsmtpDevice(Lab lab, String version) implements MailDevice {
  private static final Pattern VERSION =
      Pattern.compile("TLS session parameters:\\s+\\(TLS(\\d\\.\\d)\\)");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.SMTP);
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Run run = attempt(way, account, letter).succeeded();
    String version = "TLSv" + run.find(VERSION);
    return new Visit(version.replace(".0", ""), "", run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    Path config =
        Lab.privately(
            lab.file(
                "msmtprc",
                """
                account default
                host localhost
                port %s
                tls on
                tls_starttls %s
                tls_trust_file %s
                tls_priorities NORMAL:-VERS-ALL:+VERS-%s
                auth login
                user %s
                password %s
                from %5$s
                domain device.%7$s
                timeout 60
                """
                    .formatted(
                        way.port(),
                        way.implicit() ? "off" : "on",
                        way.trusted(),
                        version,
                        account.address(),
                        account.password(),
                        Account.DOMAIN)));
    List<String> command =
        List.of(Peers.require("msmtp"), "-C", config.toString(), "-d", account.address());
    File input = letter.file(lab).toFile();
    return Run.of(new ProcessBuilder(command).redirectInput(input));
  }

  @Override
  public String toString() {
    return "msmtp " + version;
  }
}
