package org.tlsuplift.server.it.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Passwords and mails are nowhere in what the daemon writes, not even when it fails. Senders are in
 * the message trail, but not in the log.
 */
class MailSecrecyIT {
  @RegisterExtension static final Lab lab = new Lab();

  /**
   * How a device calls itself is not a secret and is in the inventory, but it must not be logged.
   */
  private static final String INTRODUCED = "Vorstellung";

  /** In the domain of the sender that a device names before TLS. */
  private static final String SENDER = "Absender";

  private static final String MARKER = "Geheimnis";

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.MODERN);
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      MailOrigin origin = office.origin(mail, TlsForm.STARTTLS);
      listeners.add(MailListener.to(origin, "starttls", ""));
      listeners.add(MailListener.plaintext(mail.label(), mail, TlsForm.STARTTLS, origin.byName()));
      listeners.add(
          MailListener.of(
              mail.label() + "-broken",
              mail,
              TlsForm.STARTTLS,
              MailOrigins.talkative(lab, mail, MARKER).byName()));
    }
    daemon =
        Daemon.start(
            lab, MailListener.yaml(ca, listeners.toArray(MailListener[]::new)), "--verbose");
  }

  @Test
  void writesNoSecret() throws IOException {
    List<String> secrets = new ArrayList<>(List.of(MARKER, Account.base64(MARKER)));
    List<String> notLogged = new ArrayList<>(List.of(INTRODUCED, SENDER));
    for (Mail mail : Mail.values()) {
      Account account = office.newAccount();
      Letter letter = Letter.small(account);
      if (mail != Mail.SMTP) {
        office.put(account, letter);
      }
      secrets.addAll(List.of(account.password(), account.plain(), letter.marker()));
      (mail == Mail.SMTP ? notLogged : secrets).add(account.address());
      secrets.add(Account.base64(account.address()));
      secrets.add(Account.base64(account.password()));
      CurlMailDevice curl = new CurlMailDevice(lab, "1.0");
      Way way = Way.fixed(daemon, mail.label(), mail, TlsForm.STARTTLS);
      curl.visit(way, account, letter);
      curl.visitInPlaintext(way, account, letter);
      Account wrong = new Account(account.address(), MARKER);
      assertThat(curl.attempt(way, wrong, letter).exit()).isNotZero();
      for (String broken : List.of("-broken", "-starttls-starttls", "")) {
        misbehave(mail, mail.label() + broken);
      }
    }
    daemon.awaitSessions(0);

    // What must be there, so that an empty log does not pass.
    daemon.awaitOutput(0, "plaintext_after_starttls");
    daemon.awaitOutput(0, "smtp-starttls-starttls");
    String written = daemon.output() + files(daemon.folder());
    assertThat(written).contains("plaintext_after_starttls").contains("smtp-starttls-starttls");
    for (String secret : secrets) {
      assertThat(written.contains(secret)).as("%s is written", secret).isFalse();
    }
    for (String each : notLogged) {
      assertThat(daemon.output().contains(each)).as("%s is logged", each).isFalse();
    }
  }

  /** Whatever can be done wrong before TLS, with something in it that must not be logged. */
  private static void misbehave(Mail mail, String listener) throws IOException {
    String encoded = Account.base64("\0" + MARKER + "\0" + MARKER);
    List<String> lines =
        switch (mail) {
          case SMTP ->
              List.of(
                  "AUTH PLAIN " + encoded,
                  "AUTH LOGIN\r\n" + encoded,
                  "EHLO " + INTRODUCED,
                  "HELO " + INTRODUCED,
                  "MAIL FROM:<scanner@"
                      + SENDER
                      + ".example>\r\nRCPT TO:<"
                      + MARKER
                      + "@corp.example>",
                  MARKER,
                  "STARTTLS " + MARKER,
                  "STARTTLS\r\n" + MARKER);
          case IMAP ->
              List.of(
                  "a1 LOGIN " + MARKER + " " + MARKER,
                  "a1 AUTHENTICATE PLAIN " + encoded,
                  "a1 LOGIN {9}\r\n" + MARKER + " {9}\r\n" + MARKER,
                  MARKER + " NOOP",
                  "a1 " + MARKER,
                  "a1 STARTTLS\r\n" + MARKER);
          case POP3 ->
              List.of(
                  "USER " + MARKER + "\r\nPASS " + MARKER,
                  "AUTH PLAIN " + encoded,
                  MARKER,
                  "STLS\r\n" + MARKER);
        };
    for (String line : lines) {
      try (RawDevice device = RawDevice.to(daemon.listener(listener))) {
        device.send(line + "\r\n" + MARKER.repeat(2000) + "\r\n");
        device.readAll();
      } catch (IOException reset) {
        // What counts is only what is written about it.
      }
    }
  }

  private static String files(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return text.toString();
  }
}
