package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Visit;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** The control: without a proxy these devices reach an origin of their own age, and no other. */
class MailDevicesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static TestCa ca;
  private static PostOffice old;
  private static PostOffice modern;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    old = PostOffice.start(lab, identity, OriginVersions.OLD);
    modern = PostOffice.start(lab, identity, OriginVersions.MODERN);
  }

  private static Stream<Arguments> everyWay() {
    return MailDevices.all(lab)
        .flatMap(
            device ->
                device.speaks().stream()
                    .flatMap(
                        mail ->
                            Stream.of(TlsForm.values())
                                .map(form -> Arguments.of(device, mail, form))));
  }

  @ParameterizedTest(name = "{0} by {1} {2}")
  @MethodSource("everyWay")
  void reachAnOldOrigin(MailDevice device, Mail mail, TlsForm form) {
    Account account = old.newAccount();
    Letter letter = Letter.small(account);
    if (mail != Mail.SMTP) {
      old.put(account, letter);
    }
    Visit visit = device.visit(Way.direct(old.origin(mail, form), ca.file()), account, letter);
    assertThat(visit.version()).isEqualTo(MailDevices.version(device));
    String received = mail == Mail.SMTP ? Letter.read(old.awaitMail(account)) : visit.received();
    assertThat(letter.isWholeIn(received)).as(received).isTrue();
    assertThat(old.awaitVersion(mail, account)).isEqualTo(visit.version());
  }

  @ParameterizedTest(name = "{0} by {1} {2}")
  @MethodSource("everyWay")
  void areRefusedByAModernOrigin(MailDevice device, Mail mail, TlsForm form) {
    Account account = modern.newAccount();
    Letter letter = Letter.small(account);
    if (mail != Mail.SMTP) {
      modern.put(account, letter);
    }
    Way way = Way.direct(modern.origin(mail, form), ca.file());
    assertThat(device.attempt(way, account, letter).exit()).isNotZero();
    assertThat(modern.log()).doesNotContain("<" + account.address() + ">");
  }
}
