package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.OriginScript;
import org.tlsuplift.server.it.mail.ScriptedOrigin;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.process.PemFile;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.Trouble;

/** The doctor, in front of what can be wrong between a device and Microsoft 365. */
class DoctorIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";
  private static final String HASH = "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.";

  private static final List<String> secrets = new ArrayList<>();
  private static TestCa ca;
  private static IdentityPlatform platform;
  private static Path trust;
  private static AppRegistration app;
  private static CloudOffice office;
  private static String mailbox;

  @BeforeAll
  static void start() throws Exception {
    ca = new TestCa(lab);
    platform = lab.add(IdentityPlatform.start());
    trust = lab.file("roots.pem", Files.readString(ca.file()) + TestCa.pem(platform.certificate()));
    app = platform.register();
    office = CloudOffice.forApplications(lab, ca.issue("localhost"), platform);
    mailbox = office.mails().newAccount().address();
  }

  @ParameterizedTest
  @EnumSource(Mail.class)
  void checksEachStep(Mail mail) {
    for (TlsForm form : TlsForm.values()) {
      Run run = doctor(signingIn(mail, form, office.mails().origin(mail, form).byName()), app);
      assertThat(run.succeeded().output())
          .containsPattern("ok +name +localhost is 127\\.0\\.0\\.1")
          .containsPattern("ok +connection +to localhost/127\\.0\\.0\\.1:\\d+")
          .containsPattern("(ok|skipped) +starttls ")
          .containsPattern("ok +tls +TLSv1\\.3, TLS_AES_")
          .containsPattern("ok +certificate +for localhost, by CN=Origins of the test, until ")
          .containsPattern("ok +xoauth2 +offered")
          .containsPattern("ok +token +from https://localhost:\\d+/")
          .containsPattern("ok +rights +audience https://outlook.office365.com, roles ")
          .containsPattern("ok +sign-in +as " + mailbox)
          .containsPattern(mail == Mail.SMTP ? "ok +sender +" + mailbox : "skipped +sender ")
          .doesNotContain("FAILED");
    }
  }

  @Test
  void theShippedJarPrintsJson() throws Exception {
    Path config = config(submission(), app.id(), app.newSecret());
    Run run =
        Run.of(Daemon.jar("doctor", "SCANNER", "--json", "--config", config.toString()))
            .succeeded();
    assertThat(run.output()).as("JSON alone").startsWith("[");
    JsonNode one = new ObjectMapper().readTree(run.output()).path(0);
    assertThat(one.path("mailbox").asText()).isEqualTo(mailbox);
    assertThat(one.path("steps")).isNotEmpty();
    one.path("steps").forEach(step -> assertThat(step.path("outcome").asText()).isEqualTo("ok"));
  }

  @Test
  void recognisesAWrongSecret() {
    Run run = run(config(submission(), app.id(), "wrong~" + "x".repeat(34)));
    expect(run, 23, "token", "AADSTS7000215");
    assertThat(run.output()).contains("'Secret ID' instead of the 'Value'");
    // What does not depend on it is examined all the same.
    assertThat(run.output()).containsPattern("ok +xoauth2");
  }

  @Test
  void recognisesAnUnknownApplication() {
    Run run = run(config(submission(), UNKNOWN_ID, app.newSecret()));
    expect(run, 22, "token", "AADSTS700016");
    assertThat(run.output()).contains(UNKNOWN_ID);
  }

  @Test
  void recognisesAMissingRole() {
    AppRegistration other = platform.register();
    other.withdraw("IMAP.AccessAsApp");
    MailOrigin origin = office.mails().origin(Mail.IMAP, TlsForm.IMPLICIT);
    Run run = doctor(signingIn(Mail.IMAP, TlsForm.IMPLICIT, origin.byName()), other);
    expect(run, 28, "rights", "roles ");
    assertThat(run.output()).contains("lacks IMAP.AccessAsApp", "adminconsent?client_id=");
  }

  @Test
  void recognisesAPlatformThatDoesNotRespond() {
    platform.suffer(Trouble.webPage());
    try {
      Run run = doctor(submission(), app);
      expect(run, 20, "token", "the identity platform");
      assertThat(run.output()).containsPattern("skipped +sign-in +there is no token");
    } finally {
      platform.recover();
    }
  }

  @Test
  void recognisesAMailboxWithoutPermission() {
    String closed = "closed@" + Account.DOMAIN;
    office.close(closed);
    Path config = configOf(submission(), app.id(), app.newSecret(), closed);
    // Dovecot looks for the change once in a second.
    Run run = await().until(() -> run(config), done -> done.exit() != 0);
    expect(run, 30, "sign-in", "535 5.7.8");
    assertThat(run.output())
        .contains("New-ServicePrincipal -AppId " + app.id())
        .contains("Add-MailboxPermission -Identity " + closed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. | 31 | Set-CASMailbox -Identity",
        "430 4.2.0 STOREDRV; mailbox logon failure; failure code: 6 | 32 | New-ServicePrincipal -AppId",
        "432 4.3.2 Concurrent connections limit exceeded | 33 | 3 sessions",
        "501 5.5.124 Invalid XOAUTH2 data | 34 | is a valid address",
      })
  void recognisesMicrosoftsReplies(String reply, int code, String remedy) {
    Run run = doctor(signingIn(Mail.SMTP, TlsForm.IMPLICIT, scripted(reply, "250 ok")), app);
    expect(run, code, "sign-in", reply.substring(0, 20));
    assertThat(run.output()).contains(remedy);
  }

  @Test
  void recognisesARefusedSender() {
    String reply = "550 5.7.60 SMTP; Client does not have permissions to send as this sender";
    Run run = doctor(signingIn(Mail.SMTP, TlsForm.IMPLICIT, scripted("235 2.7.0 ok", reply)), app);
    expect(run, 40, "sender", "550 5.7.60");
  }

  @Test
  void recognisesANameThatDoesNotExist() {
    expect(
        doctor(signingIn(Mail.SMTP, TlsForm.STARTTLS, "smtp.uplift.invalid:587"), app),
        10,
        "name",
        "smtp.uplift.invalid");
  }

  @Test
  void recognisesAClosedPort() {
    String closed = "localhost:" + Loopback.freePort(Loopback.V4);
    Run run = doctor(signingIn(Mail.SMTP, TlsForm.STARTTLS, closed), app);
    expect(run, 11, "connection", closed);
    assertThat(run.output()).containsPattern("ok +rights").containsPattern("skipped +sign-in");
  }

  @Test
  void recognisesAnOriginBelowTls12() {
    Site old = Site.tls11(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, old);
    expect(
        doctor(signingIn(Mail.SMTP, TlsForm.IMPLICIT, old.byName()), app), 12, "tls", "localhost");
  }

  @Test
  void recognisesACertificateForAnotherName() {
    JsseOrigin other =
        JsseOrigin.start(lab, ca.issue("mail.corp.example"), SSLSocket::startHandshake);
    expect(
        doctor(signingIn(Mail.SMTP, TlsForm.IMPLICIT, other.byName()), app),
        14,
        "certificate",
        "localhost");
  }

  @Test
  void recognisesAnOriginWithoutStartTls() {
    ScriptedOrigin origin =
        ScriptedOrigin.start(
            lab, new OriginScript("220 hello\r\n", "EHLO", "250-hello\r\n250 SIZE\r\n"));
    expect(
        doctor(signingIn(Mail.SMTP, TlsForm.STARTTLS, origin.byName()), app),
        16,
        "starttls",
        "offers no STARTTLS");
  }

  @Test
  void recognisesAnOriginThatAcceptsPasswordsOnly() {
    OriginScript script =
        new OriginScript("220 hello\r\n", "EHLO", "250-hello\r\n250 AUTH PLAIN LOGIN\r\n");
    JsseOrigin origin = JsseOrigin.start(lab, ca.issue("localhost"), script::hold);
    expect(
        doctor(signingIn(Mail.SMTP, TlsForm.IMPLICIT, origin.byName()), app),
        17,
        "xoauth2",
        "AUTH PLAIN LOGIN");
  }

  @Test
  void refusesAnUnknownAccount() {
    Run run =
        CommandLineRun.of(
            "doctor", "nobody", "-c", config(submission(), app.id(), app.newSecret()).toString());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.output()).contains("'nobody'");
  }

  /** An origin over TLS that answers so to a token and to a sender. */
  private static String scripted(String signIn, String sender) {
    OriginScript script =
        new OriginScript(
            "220 outlook.example ready\r\n",
            "EHLO",
            "250-outlook.example\r\n250 AUTH LOGIN XOAUTH2\r\n",
            "AUTH XOAUTH2",
            "334 \r\n",
            "MAIL",
            sender + "\r\n",
            "RSET",
            "250 2.0.0 ok\r\n",
            "QUIT",
            "221 2.0.0 bye\r\n",
            // The response in base64.
            "dXNlcj",
            signIn + "\r\n");
    return JsseOrigin.start(lab, ca.issue("localhost"), script::hold).byName();
  }

  private static String submission() {
    MailOrigin origin = office.mails().origin(Mail.SMTP, TlsForm.STARTTLS);
    return signingIn(Mail.SMTP, TlsForm.STARTTLS, origin.byName());
  }

  private static String signingIn(Mail mail, TlsForm form, String origin) {
    return "{name: mail, bind: \"127.0.0.1:0\", accept: fixed, origin: \"%s\", protocol: %s, downstreamTls: implicit, upstreamTls: %s, signIn: true, profile: legacy}"
        .formatted(origin, mail.label(), form.label());
  }

  private static Run doctor(String listener, AppRegistration registered) {
    return run(config(listener, registered.id(), registered.newSecret()));
  }

  private static Path config(String listener, String id, String secret) {
    return configOf(listener, id, secret, mailbox);
  }

  private static Path configOf(String listener, String id, String secret, String of) {
    secrets.add(secret);
    Path folder = lab.directory("doctor");
    Path secretFile = Lab.write(folder.resolve("client.secret"), secret + "\n");
    try {
      Files.setPosixFilePermissions(secretFile, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    return Lab.write(
        folder.resolve("tls-uplift.yaml"),
        """
        dataDirectory: %s/data
        listeners:
          - %s
        routes:
          - {to: ["localhost:*", "*.invalid:*"], action: bridge}
        upstream: {trust: "%s"}
        signIn:
          tenant: %s
          applicationId: %s
          clientSecretFile: %s
          authority: %s
          accounts:
            - {login: scanner, passwordHash: '%s', mailbox: %s}
        """
            .formatted(
                folder,
                listener,
                trust,
                platform.tenant(),
                id,
                secretFile,
                platform.url(),
                HASH,
                of));
  }

  private static Run run(Path config) {
    Run run = CommandLineRun.of("doctor", "--config", config.toString());
    secrets.forEach(secret -> assertThat(run.output()).doesNotContain(secret));
    assertThat(run.output()).doesNotContain("eyJ");
    return run;
  }

  @Test
  void tenantCheckIsGreenAfterTheSetup() {
    Path config = config(submission(), app.id(), app.newSecret());
    for (Run run :
        List.of(
            CommandLineRun.of("tenant", "check", "-c", config.toString()),
            CommandLineRun.of("tenant", "check", mailbox, "--wait", "-c", config.toString()))) {
      assertThat(run.succeeded().output())
          .contains(mailbox + ", smtp")
          .containsPattern("ok +token +from https://localhost:\\d+/")
          .containsPattern("ok +application permission +audience ")
          .containsPattern("ok +service principal ")
          .containsPattern("ok +mailbox permission ")
          .containsPattern("ok +SMTP AUTH ")
          .containsPattern("ok +first sign-in +at localhost:")
          .doesNotContain("FAILED", "eyJ");
    }
  }

  @Test
  void tenantCheckNamesTheStepThatIsMissing() {
    String closed = "not-permitted@" + Account.DOMAIN;
    office.close(closed);
    Path config = configOf(submission(), app.id(), app.newSecret(), closed);
    // Dovecot looks for the change once in a second.
    Run run =
        await()
            .until(
                () -> CommandLineRun.of("tenant", "check", "-c", config.toString()),
                done -> done.exit() != 0);
    expect(run, 30, "service principal", "--wait");
    assertThat(run.output())
        .containsPattern("skipped +mailbox permission +a step above must succeed first")
        .containsPattern("ok +application permission ")
        .containsPattern("skipped +SMTP AUTH ")
        .contains("Add-MailboxPermission -Identity " + closed);
  }

  /** The administrator of the tenant adds it later than it is made here. */
  @Test
  void aNewCertificateReplacesTheOldOneWhenThePlatformKnowsIt() throws Exception {
    Path data = lab.directory("certified");
    List<String> setup =
        List.of(
            "tenant",
            "setup",
            "--yes",
            "--tenant",
            platform.tenant(),
            "--data",
            data.toString(),
            "--output",
            data.toString());
    CommandLineRun.of(setup.toArray(String[]::new)).succeeded();
    Path certificate = data.resolve("sign-in/" + platform.tenant() + ".application.crt.pem");
    Path key = certificate.resolveSibling(platform.tenant() + ".application.key.pem");
    Path next = certificate.resolveSibling(certificate.getFileName() + ".next");
    app.add(PemFile.read(certificate).certificates().get(0));
    Path secret = config(submission(), app.id(), app.newSecret());
    Path config =
        Lab.write(
            data.resolve("tls-uplift.yaml"),
            Files.readString(secret)
                .replaceAll(
                    "clientSecretFile: .*",
                    "certificate: {certificate: %s, key: %s}".formatted(certificate, key)));
    String old = Files.readString(certificate);
    CommandLineRun.of("tenant", "check", "-c", config.toString()).succeeded();

    List<String> renewal = new ArrayList<>(setup);
    renewal.add("--new-certificate");
    CommandLineRun.of(renewal.toArray(String[]::new)).succeeded();
    Run tooEarly = CommandLineRun.of("tenant", "check", "-c", config.toString());
    expect(tooEarly, 23, "token", "the new certificate of tenant " + platform.tenant());
    assertThat(tooEarly.output())
        .as("the old one is in use")
        .containsPattern("ok +first sign-in +at localhost:");
    assertThat(certificate).hasContent(old);

    app.add(PemFile.read(next).certificates().get(0));
    for (int i = 0; i < 2; i++) {
      assertThat(CommandLineRun.of("tenant", "check", "-c", config.toString()).succeeded().output())
          .doesNotContain("FAILED");
      assertThat(Files.readString(certificate)).isNotEqualTo(old);
      assertThat(next).doesNotExist();
    }
  }

  private static void expect(Run run, int exit, String step, String seen) {
    assertThat(run.exit()).as(run.toString()).isEqualTo(exit);
    assertThat(run.output()).containsPattern("FAILED +" + step + " +").contains("=> ");
    assertThat(run.output().replaceAll("\\s+", " ")).contains(seen);
  }
}
