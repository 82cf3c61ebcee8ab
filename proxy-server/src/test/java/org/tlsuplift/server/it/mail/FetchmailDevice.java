package org.tlsuplift.server.it.mail;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;

/**
 * {@code fetchmail}, on OpenSSL.
 *
 * @param lab where its files are
 * @param versions the versions it offers
 */
record FetchmailDevice(Lab lab, OriginVersions versions) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("SSL/TLS: using protocol ([^,]+),");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.IMAP, Mail.POP3);
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Path folder = lab.directory("fetchmail");
    Run run = run(folder, way, account).succeeded();
    return new Visit(run.find(VERSION), Letter.read(folder.resolve("received")), run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    return run(lab.directory("fetchmail"), way, account);
  }

  private Run run(Path folder, Way way, Account account) {
    Path config =
        Lab.privately(
            Lab.write(
                folder.resolve("fetchmailrc"),
                """
                set invisible
                poll localhost proto %s service %s timeout 60
                  user "%s" password "%s" %s sslcertck sslcertfile "%s" keep fetchall
                  mda "cat > %s"
                """
                    .formatted(
                        way.mail().label().toUpperCase(Locale.ROOT),
                        way.port(),
                        account.address(),
                        account.password(),
                        // In fetchmail's words this is what makes STARTTLS a must.
                        way.implicit() ? "ssl" : "sslproto \"TLS1+\"",
                        way.trusted(),
                        folder.resolve("received"))));
    String openssl = versions.opensslConfig(folder).toString();
    return Run.of(
        List.of(
            Peers.require("fetchmail"),
            "-f",
            config.toString(),
            "--nosyslog",
            "--pidfile",
            folder.resolve("pid").toString(),
            "-v"),
        Map.of("OPENSSL_CONF", openssl, "FETCHMAILHOME", folder.toString()),
        "");
  }

  @Override
  public String toString() {
    return "fetchmail " + versions;
  }
}
