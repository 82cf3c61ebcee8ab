package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.Secrets;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.OpensslMailDevice;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformRequest;
import org.tlsuplift.server.testing.platform.Trouble;

/**
 * Passwords, tokens, keys and lines of SASL are nowhere in what the daemon writes, with everything
 * logged that it and its libraries can log, whatever goes wrong.
 */
class SignInSecrecyIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String GUESS = "Geheimnis-das-niemand-sieht";
  private static final List<String> PAGES =
      List.of(
          "/",
          "/devices",
          "/switch-off",
          "/messages",
          "/api/messages",
          "/ca",
          "/devices/127.0.0.1",
          "/devices.csv",
          "/devices.json",
          "/api/devices",
          "/api/devices/127.0.0.1",
          "/api/sessions",
          "/api/overview",
          "/metrics",
          "/healthz",
          "/readyz");

  private static CloudTenant tenant;
  private static IdentityPlatform platform;
  private static PostOffice office;
  private static MailListener[] listeners;
  private static List<String> accounts;

  @BeforeAll
  static void start() {
    tenant = CloudTenant.start(lab);
    platform = tenant.platform();
    office = tenant.office().mails();
    listeners =
        Stream.of(Mail.values())
            .map(mail -> office.origin(mail, TlsForm.STARTTLS))
            .map(origin -> MailListener.signingIn(TlsForm.STARTTLS, origin))
            .toArray(MailListener[]::new);
    accounts = LocalLogins.create().accounts(20);
  }

  @Test
  void writesNoSecretOfAnApplicationWithASecret() throws Exception {
    String secret = tenant.app().newSecret();
    Secrets secrets = new Secrets();
    secrets.add("the client secret", secret);

    searchAfterMuchTrouble(tenant.bySecret(secret), secrets);
  }

  @Test
  void writesNoSecretOfAnApplicationWithACertificate() throws Exception {
    Identity own = tenant.ca().issue("TLS Uplift");
    tenant.app().add(own.certificate());
    Secrets secrets = new Secrets();
    String key = Files.readString(own.keyFile()).replaceAll("-----[A-Z ]*-----|\\s", "");
    secrets.addLong("the private key", key);

    searchAfterMuchTrouble(
        "certificate: {certificate: %s, key: %s}"
            .formatted(own.certificateFile(), Lab.privately(own.keyFile())),
        secrets);
  }

  private static void searchAfterMuchTrouble(String proof, Secrets secrets) throws Exception {
    Path accessLog = lab.directory("log").resolve("access.log");
    Daemon daemon =
        Daemon.startTracing(
            lab,
            tenant.yaml(proof, accounts, listeners)
                + "accessLog: {file: \"%s\"}\n".formatted(accessLog));
    Account account = LocalLogins.account(1);
    for (Mail mail : Mail.values()) {
      visit(daemon, mail, account);
      visit(daemon, mail, new Account(account.address(), GUESS));
      misbehave(daemon, mail);
    }
    new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN")
        .attempt(way(daemon, Mail.SMTP), account, Letter.small(account));
    platform.revokeAccessTokens();
    visit(daemon, Mail.SMTP, account);
    for (Trouble trouble :
        List.of(
            Trouble.webPage(),
            Trouble.error(401, "invalid_client", 7000215, "Invalid client secret provided."),
            Trouble.throttled(Duration.ofSeconds(1)))) {
      platform.suffer(trouble);
      platform.revokeAccessTokens();
      visit(daemon, Mail.IMAP, account);
    }
    List<Run> doctors = new ArrayList<>();
    doctors.add(run(daemon, "doctor", account.address()));
    platform.recover();
    daemon.awaitSessions(0);
    // What devices did is written behind the data path.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Metrics.status(daemon.admin(), "/devices/127.0.0.1") == 200);
    // The other mailbox has been given two tokens within a minute, and has to wait for a third.
    String live = whileSomebodyIsSignedIn(daemon, LocalLogins.account(2));
    doctors.add(run(daemon, "doctor", account.address(), "--json").succeeded());

    secrets.add("the password", LocalLogins.PASSWORD);
    secrets.add("a guess", GUESS);
    int count = 0;
    for (String token : platform.issued()) {
      secrets.addLong("token " + count++, token);
    }
    for (PlatformRequest request : platform.tokenRequests()) {
      String assertion = request.get("client_assertion");
      if (!assertion.isEmpty()) {
        secrets.addLong("assertion " + count++, assertion);
      }
    }
    assertThat(count).as("tokens that are looked for").isPositive();
    secrets.assertAbsent("the pages while somebody was signed in", live);
    for (Run doctor : doctors) {
      assertThat(doctor.output()).contains("token", LocalLogins.mailbox(1).address());
      secrets.assertAbsent("doctor", doctor.output());
    }
    String log = Files.readString(accessLog);
    assertThat(log).contains("sign_in_failed", "smtp-starttls", "imap-starttls", "pop3-starttls");
    secrets.assertAbsent("the access log", log);
    search(daemon, secrets);
  }

  /** What all pages and the API say together, while a device has signed in. */
  private static String whileSomebodyIsSignedIn(Daemon daemon, Account account) {
    Way way = way(daemon, Mail.SMTP);
    StringBuilder said = new StringBuilder();
    try (Child device =
        Child.start(new ProcessBuilder(new OpensslMailDevice("-tls1").command(way)))) {
      device.type("EHLO copier\r\nAUTH PLAIN " + account.plain() + "\r\n");
      device.awaitOutput(Pattern.compile("(?m)^235 "));
      daemon.awaitSessions(1);
      for (String page : PAGES) {
        said.append(Metrics.get(daemon.admin(), page));
      }
      device.type("QUIT\r\n");
      device.awaitExit();
    }
    assertThat(said).contains("\"originVersion\" : \"TLSv1.3\"");
    return said.toString();
  }

  private static void search(Daemon daemon, Secrets secrets) throws IOException {
    // What must be there, so that an empty log does not pass.
    assertThat(daemon.output()).contains("TRACE ").contains("com.microsoft.aad.msal4j");
    secrets.assertAbsent("its log", daemon.output());
    for (String page : PAGES) {
      String content = Metrics.get(daemon.admin(), page);
      assertThat(content).as(page).isNotEmpty();
      secrets.assertAbsent(page, content);
    }
    try (Stream<Path> files = Files.walk(daemon.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        secrets.assertAbsent(
            file.getFileName().toString(), new String(content, StandardCharsets.ISO_8859_1));
      }
    }
    for (List<String> command :
        List.of(List.of("check"), List.of("devices"), List.of("accounts", "list"))) {
      Run run = run(daemon, command.toArray(String[]::new)).succeeded();
      secrets.assertAbsent(command.toString(), run.output());
    }
  }

  /** A command beside the daemon, with everything logged. */
  private static Run run(Daemon daemon, String... command) {
    String config = Daemon.config(daemon.folder()).toString();
    List<String> line =
        Daemon.jar(
            Stream.concat(Stream.of(command), Stream.of("--config", config))
                .toArray(String[]::new));
    line.add(1, Daemon.tracing(lab));
    return Run.of(line);
  }

  /** Whatever can be done wrong, with something in it that must not be written. */
  private static void misbehave(Daemon daemon, Mail mail) {
    String plain = Account.base64("\0" + GUESS + "\0" + GUESS);
    String word = Account.base64(GUESS);
    List<String> lines =
        switch (mail) {
          case SMTP ->
              List.of(
                  "EHLO copier\nAUTH PLAIN " + plain,
                  "EHLO copier\nAUTH LOGIN\n" + word + "\n" + word,
                  "EHLO copier\nAUTH XOAUTH2 " + word,
                  "EHLO copier\nAUTH PLAIN " + word + "\n" + GUESS);
          case IMAP ->
              List.of(
                  "a LOGIN " + GUESS + " " + GUESS,
                  "a AUTHENTICATE PLAIN\n" + plain,
                  "a AUTHENTICATE PLAIN " + word + "\n" + GUESS);
          case POP3 ->
              List.of("USER " + GUESS + "\nPASS " + GUESS, "AUTH PLAIN " + word + "\n" + GUESS);
        };
    for (String line : lines) {
      Run.of(
          new OpensslMailDevice("-tls1").command(way(daemon, mail)),
          Map.of(),
          line.replace("\n", "\r\n") + "\r\nQUIT\r\na LOGOUT\r\n");
    }
  }

  private static Run visit(Daemon daemon, Mail mail, Account account) {
    return new CurlMailDevice(lab, "1.0")
        .attempt(way(daemon, mail), account, Letter.small(account));
  }

  private static Way way(Daemon daemon, Mail mail) {
    return Way.fixed(daemon, mail.label() + "-starttls", mail, TlsForm.STARTTLS);
  }
}
