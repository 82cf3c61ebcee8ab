package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;

/**
 * One letter through the daemon, asserted from all sides: what the device agreed to, what the
 * origin agreed to, that the letter is whole, and what was counted.
 *
 * @param daemon what is in between
 * @param office where the letter goes or comes from
 * @param version what the origin must agree to
 */
public record MailExchange(Daemon daemon, PostOffice office, String version) {
  /** Has a device of an old version exchange a letter through a listener. */
  public Run by(MailDevice device, Way way, String listener) {
    Account account = office.newAccount();
    Letter letter = Letter.small(account);
    Mail mail = way.mail();
    if (mail != Mail.SMTP) {
      office.put(account, letter);
    }
    String old = MailDevices.version(device);
    Metrics before = daemon.metrics();

    Visit visit = device.visit(way, account, letter);

    assertThat(visit.version()).as(visit.run().toString()).isEqualTo(old);
    String received = mail == Mail.SMTP ? Letter.read(office.awaitMail(account)) : visit.received();
    assertThat(letter.isWholeIn(received)).as("%s in%n%s", letter, received).isTrue();
    assertThat(office.awaitVersion(mail, account)).isEqualTo(version);
    Metrics now =
        daemon.awaitIncrease(
            before,
            visit.attempts(),
            "tlsuplift_sessions_total",
            "listener",
            listener,
            "action",
            "bridge");
    String[] completed = {"listener", listener, "protocol", old, "outcome", "completed"};
    grew(before, now, visit.attempts(), "tlsuplift_downstream_handshakes_total", completed);
    String[] legacy = {"listener", listener, "protocol", old};
    grew(before, now, visit.attempts(), "tlsuplift_legacy_handshakes_total", legacy);
    String upstream = "tlsuplift_upstream_handshakes_total";
    grew(before, now, visit.attempts(), upstream, "protocol", version, "outcome", "completed");
    grew(before, now, 0, "tlsuplift_plaintext_sessions_total");
    return visit.run();
  }

  /** What is counted in a handshake has been counted when the session has been. */
  private static void grew(
      Metrics before, Metrics now, int by, String name, String... labelsAndValues) {
    assertThat(now.sum(name, labelsAndValues) - before.sum(name, labelsAndValues))
        .as("%s%s grows%n%s", name, List.of(labelsAndValues), now)
        .isEqualTo(by);
  }
}
