package org.tlsuplift.server.it.mail;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * Python's {@code smtplib}, {@code imaplib} and {@code poplib}.
 *
 * @param lab where its files are
 * @param version the only version it offers, as Python names it: TLSv1, TLSv1_1
 * @param greeting how it greets, EHLO or HELO
 */
public record PythonMailDevice(Lab lab, String version, String greeting) implements MailDevice {
  private static final Pattern VERSION = Pattern.compile("agreed (\\S+)");

  @Override
  public List<Mail> speaks() {
    return List.of(Mail.values());
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Path file = letter.file(lab);
    Path received = file.resolveSibling(file.getFileName() + ".received");
    Run run = run(way, account, way.mail() == Mail.SMTP ? file : received).succeeded();
    return new Visit(run.find(VERSION), way.mail() == Mail.SMTP ? "" : Letter.read(received), run);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    return run(way, account, letter.file(lab));
  }

  private Run run(Way way, Account account, Path file) {
    return Run.of(
        List.of(
            Peers.require("python3"),
            Resources.path("mail.py").toString(),
            way.mail().label(),
            way.form().label(),
            Loopback.text(way.listener()),
            way.connect(),
            way.serverName(),
            way.trusted().toString(),
            version,
            account.address(),
            account.password(),
            file.toString(),
            greeting));
  }

  @Override
  public String toString() {
    return "python " + version + " " + greeting;
  }
}
