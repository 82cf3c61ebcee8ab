package org.tlsuplift.server.it.mail;

import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;

/**
 * nodemailer 1.11 of 2016 on Node.js 0.10, whose OpenSSL is of 2014. It offers TLS 1.0 only.
 *
 * <p>With implicit TLS it reads the certificate after the handshake, and this version of Node.js
 * then fails with an EC key, although it offers ECDSA. It leaves without sending anything. Its next
 * attempt gets an RSA key.
 *
 * @param lab where its files are
 */
public record NodemailerDevice(Lab lab) implements MailDevice {
  @Override
  public List<Mail> speaks() {
    return List.of(Mail.SMTP);
  }

  @Override
  public Visit visit(Way way, Account account, Letter letter) {
    Run first = attemptOnce(way, account, letter);
    boolean refused = refusesEcKey(first);
    Run last = refused ? attemptOnce(way, account, letter) : first;
    // It cannot report the version; its only method is that of TLS 1.0.
    return new Visit("TLSv1", "", last.succeeded(), refused ? 2 : 1);
  }

  @Override
  public Run attempt(Way way, Account account, Letter letter) {
    Run first = attemptOnce(way, account, letter);
    return refusesEcKey(first) ? attemptOnce(way, account, letter) : first;
  }

  private static boolean refusesEcKey(Run run) {
    return run.output().contains("expecting an rsa key");
  }

  private Run attemptOnce(Way way, Account account, Letter letter) {
    return Run.of(
        List.of(
            Peers.node("0.10"),
            Resources.path("nodemailer.js").toString(),
            way.form().label(),
            way.port(),
            way.trusted().toString(),
            account.address(),
            account.password(),
            letter.file(lab).toString(),
            Peers.nodemailer().toString()));
  }

  @Override
  public String toString() {
    return "nodemailer 1.0";
  }
}
