package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.Maildirs;

/**
 * {@code mbsync}, on OpenSSL; it never says which version it agreed to, but offers only one.
 *
 * @param lab where its files are
 * @param version the only version it offers, such as 1.0
 */
record MbsyncDevice(Lab lab, String version) implements MailDevice {
  private static final List<String> VERSIONS = List.of("1.0", "1.1", "1.2", "1.3");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.IMAP);
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Path folder = lab.directory("mbsync");
    Run run = run(folder, way, account).succeeded();
    List<Path> mails = Maildirs.mails(folder.resolve("inbox"));
    assertThat(mails).as(run.toString()).hasSize(1);
    // The line is how it finds its own copies again.
    String received = Letter.read(mails.get(0)).replaceFirst("(?m)^X-TUID: .*\n", "");
    return new Visit(("TLSv" + version).replace(".0", ""), received, run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    return run(lab.directory("mbsync"), way, account);
  }

  private Run run(Path folder, Way way, Account account) {
    StringBuilder versions = new StringBuilder();
    VERSIONS.forEach(each -> versions.append(each.equals(version) ? " +" : " -").append(each));
    Path config =
        Lab.write(
            folder.resolve("mbsyncrc"),
            """
            IMAPAccount far
            Host localhost
            Port %s
            Timeout 60
            User %s
            Pass %s
            AuthMechs LOGIN
            TLSType %s
            TLSVersions%s
            CipherString ALL:@SECLEVEL=0
            SystemCertificates no
            CertificateFile %s

            IMAPStore far
            Account far

            MaildirStore near
            Path %7$s/
            Inbox %7$s/inbox

            Channel all
            Far :far:
            Near :near:
            Patterns INBOX
            Sync Pull
            SyncState %7$s/state
            """
                .formatted(
                    way.port(),
                    account.address(),
                    account.password(),
                    way.implicit() ? "IMAPS" : "STARTTLS",
                    versions,
                    way.trusted(),
                    folder));
    makeInbox(folder.resolve("inbox"));
    return Run.of(List.of(Peers.require("mbsync"), "-c", config.toString(), "-D", "-a"));
  }

  private static void makeInbox(Path inbox) {
    try {
      for (String part : List.of("cur", "new", "tmp")) {
        Files.createDirectories(inbox.resolve(part));
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public String toString() {
    return "mbsync " + version;
  }
}
