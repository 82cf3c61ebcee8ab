package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
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

  /** What was written, by the place. */
  private static final Map<String, String> written = new LinkedHashMap<>();

  private static CloudTenant bySecret;
  private static CloudTenant byCertificate;
  private static String secret;
  private static Identity own;

  /** One daemon for two tenants: what goes wrong goes wrong for a mailbox of each. */
  @BeforeAll
  static void collectAfterMuchTrouble() throws Exception {
    bySecret = CloudTenant.start(lab);
    byCertificate = bySecret.withAnotherApplication();
    secret = bySecret.app().newSecret();
    own = bySecret.ca().issue("TLS Uplift");
    PostOffice office = bySecret.office().mails();
    LocalLogins logins = LocalLogins.create();
    Path accessLog = lab.directory("log").resolve("access.log");
    Daemon daemon =
        Daemon.startTracing(
            lab,
            bySecret.yaml(
                    List.of(
                        bySecret.named("by-secret", bySecret.bySecret(secret)),
                        byCertificate.named("by-certificate", byCertificate.byCertificate(own))),
                    List.of(
                        logins.line(1, ", tenant: by-secret"),
                        logins.line(2, ", tenant: by-certificate"),
                        logins.line(3, ", tenant: by-secret"),
                        logins.line(4, ", tenant: by-certificate")),
                    Stream.of(Mail.values())
                        .map(mail -> office.origin(mail, TlsForm.STARTTLS))
                        .map(origin -> MailListener.signingIn(TlsForm.STARTTLS, origin))
                        .toArray(MailListener[]::new))
                + "accessLog: {file: \"%s\"}\n".formatted(accessLog));
    IdentityPlatform platform = bySecret.platform();
    for (Mail mail : Mail.values()) {
      visit(daemon, mail, 1, 2);
      visit(daemon, mail, new Account(LocalLogins.account(1).address(), GUESS));
      visit(daemon, mail, new Account(LocalLogins.account(2).address(), GUESS));
      misbehave(daemon, mail);
    }
    for (int number : List.of(1, 2)) {
      Account account = LocalLogins.account(number);
      new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN")
          .attempt(way(daemon, Mail.SMTP), account, Letter.small(account));
    }
    platform.revokeAccessTokens();
    visit(daemon, Mail.SMTP, 1, 2);
    for (Trouble trouble :
        List.of(
            Trouble.webPage(),
            Trouble.error(401, "invalid_client", 7000215, "Invalid client secret provided."),
            Trouble.throttled(Duration.ofSeconds(1)))) {
      platform.suffer(trouble);
      platform.revokeAccessTokens();
      visit(daemon, Mail.IMAP, 1, 2);
    }
    keep("doctor of device 1", doctor(daemon, 1).output());
    keep("doctor of device 2", doctor(daemon, 2).output());
    platform.recover();
    daemon.awaitSessions(0);
    // What devices did is written behind the data path.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Metrics.status(daemon.admin(), "/devices/127.0.0.1") == 200);
    // The other mailboxes have been given two tokens within a minute, and have to wait for a third.
    keep("the pages while device 3 was signed in", whileSignedIn(daemon, 3));
    keep("the pages while device 4 was signed in", whileSignedIn(daemon, 4));
    keep("doctor --json of device 1", doctor(daemon, 1, "--json").succeeded().output());
    keep("doctor --json of device 2", doctor(daemon, 2, "--json").succeeded().output());
    String log = Files.readString(accessLog);
    assertThat(log).contains("sign_in_failed", "smtp-starttls", "imap-starttls", "pop3-starttls");
    keep("the access log", log);
    collect(daemon);
  }

  @Test
  void writesNoSecretOfAnApplicationWithASecret() {
    Secrets secrets = secretsOf(bySecret);
    secrets.add("the client secret", secret);

    written.forEach(secrets::assertAbsent);
  }

  @Test
  void writesNoSecretOfAnApplicationWithACertificate() throws IOException {
    Secrets secrets = secretsOf(byCertificate);
    String key = Files.readString(own.keyFile()).replaceAll("-----[A-Z ]*-----|\\s", "");
    secrets.addLong("the private key", key);

    written.forEach(secrets::assertAbsent);
  }

  /** What devices know, what the platform issued, and what the application proved itself with. */
  private static Secrets secretsOf(CloudTenant tenant) {
    Secrets secrets = new Secrets();
    secrets.add("the password", LocalLogins.PASSWORD);
    secrets.add("a guess", GUESS);
    int count = 0;
    for (String token : tenant.platform().issued()) {
      secrets.addLong("token " + count++, token);
    }
    assertThat(count).as("tokens that are looked for").isPositive();
    for (PlatformRequest request : tenant.tokenRequests()) {
      String assertion = request.get("client_assertion");
      if (!assertion.isEmpty()) {
        secrets.addLong("assertion " + count++, assertion);
      }
    }
    return secrets;
  }

  private static void keep(String where, String text) {
    assertThat(written.put(where, text)).as(where).isNull();
  }

  /** What all pages and the API say together, while a device has signed in. */
  private static String whileSignedIn(Daemon daemon, int number) {
    Account account = LocalLogins.account(number);
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

  private static Run doctor(Daemon daemon, int number, String... options) {
    Run run =
        run(
            daemon,
            Stream.concat(
                    Stream.of("doctor", LocalLogins.account(number).address()), Stream.of(options))
                .toArray(String[]::new));
    assertThat(run.output()).contains("token", LocalLogins.mailbox(number).address());
    return run;
  }

  private static void collect(Daemon daemon) throws IOException {
    // What must be there, so that an empty log does not pass.
    assertThat(daemon.output()).contains("TRACE ").contains("com.microsoft.aad.msal4j");
    for (String page : PAGES) {
      String content = Metrics.get(daemon.admin(), page);
      assertThat(content).as(page).isNotEmpty();
      keep(page, content);
    }
    for (List<String> command :
        List.of(List.of("check"), List.of("devices"), List.of("accounts", "list"))) {
      Run run = run(daemon, command.toArray(String[]::new)).succeeded();
      keep(command.toString(), run.output());
    }
    try (Stream<Path> files = Files.walk(daemon.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        keep(file.toString(), new String(content, StandardCharsets.ISO_8859_1));
      }
    }
    keep("its log", daemon.output());
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

  private static void visit(Daemon daemon, Mail mail, int... numbers) {
    for (int number : numbers) {
      visit(daemon, mail, LocalLogins.account(number));
    }
  }

  private static void visit(Daemon daemon, Mail mail, Account account) {
    new CurlMailDevice(lab, "1.0").attempt(way(daemon, mail), account, Letter.small(account));
  }

  private static Way way(Daemon daemon, Mail mail) {
    return Way.fixed(daemon, mail.label() + "-starttls", mail, TlsForm.STARTTLS);
  }
}
