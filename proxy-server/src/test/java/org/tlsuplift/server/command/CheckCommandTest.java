package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.process.PemFile;

/** What {@code check} reports. */
class CheckCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void showsTheBuiltInDefault() {
    CommandRun run = CommandRun.of("check");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("listener web: http-connect on 0.0.0.0:3128, profile legacy")
        .contains("listener outlook: fixed to outlook.office365.com:443 on 0.0.0.0:8443")
        .contains(
            "listener submission: fixed to smtp.office365.com:587 on 0.0.0.0:2587,"
                + " smtp (device: starttls; origin: starttls), profile legacy",
            "listener smtps: fixed to smtp.office365.com:587 on 0.0.0.0:2465,"
                + " smtp (device: implicit; origin: starttls), profile legacy",
            "listener imaps: fixed to outlook.office365.com:993 on 0.0.0.0:2993,"
                + " imap (device: implicit; origin: implicit), profile legacy",
            "listener pop3s: fixed to outlook.office365.com:995 on 0.0.0.0:2995,"
                + " pop3 (device: implicit; origin: implicit), profile legacy")
        .contains("routes[0]: bridge (modern devices: tunnel): microsoft365")
        .contains("upstream: TLSv1.2 to TLSv1.3")
        .contains("admin: http://127.0.0.1:9464/metrics")
        .contains("inventory: ", "inventory.db");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void showsAndWarnsOfPlaintext() throws Exception {
    Path file = directory.resolve("mail.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: '%s'
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587",
             protocol: smtp, downstreamTls: optional, allowPlaintext: true, profile: legacy}
        """
            .formatted(directory.resolve("data")));

    CommandRun run = CommandRun.of("check", "-c", file.toString());

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(" smtp (device: optional or plaintext; origin: starttls), profile legacy")
        .contains("warning: " + file + ":4: listeners[0].allowPlaintext: 'true' ");
  }

  private CommandRun check(String data, String bind, String more) throws Exception {
    Path file = directory.resolve("checked.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "%s", accept: http-connect, profile: legacy}
        %s
        """
            .formatted(directory.resolve(data), bind, more));
    return CommandRun.of("check", "-c", file.toString());
  }

  @Test
  void warnsOfAnAddressOfAnotherMachine() throws Exception {
    CommandRun run = check("data", "192.0.2.9:3128", "");

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(
            ":3: listeners[0].bind: got '192.0.2.9:3128', which is not an address of this machine")
        .contains("net.ipv4.ip_nonlocal_bind=1");
    assertThat(check("data", "127.0.0.9:3128", "").out()).doesNotContain("not an address");
  }

  @Test
  void warnsOfAnExpiredRoot() throws Exception {
    X509Certificate old =
        ClientAuthority.create()
            .issue("EC", "Old Root", Instant.now().minusSeconds(3_600))
            .chain()
            .get(0);
    Path roots =
        Files.write(directory.resolve("roots.pem"), PemFile.block("CERTIFICATE", old.getEncoded()));

    CommandRun run = check("data", "127.0.0.1:0", "upstream: {trust: '" + roots + "'}");

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .containsPattern(
            "warning: .*upstream.trust: got '.*roots.pem'; expired: CN=Old Root on 20.*"
                + "put the new certificate of this CA into the file");
  }

  @Test
  void refusesADataDirectoryBelowAFile() throws Exception {
    Path file = Files.writeString(directory.resolve("taken"), "");

    CommandRun run = check("taken/lib/data", "127.0.0.1:0", "");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains(":1: dataDirectory: got '", file + " is a file; set another path");
  }

  @Test
  void warnsOfADataDirectoryThatCannotBeCreated() throws Exception {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Assumptions.assumeFalse(Files.isWritable(closed), "root may write everywhere");

    CommandRun run = check("closed/data", "127.0.0.1:0", "");

    assertThat(run.out()).contains("; this user may not write to " + closed);
  }

  @Test
  void warnsIfTheDiskIsSmallerThanTheSpool() throws Exception {
    String listener =
        "- {name: scan, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, downstreamTls: starttls, serverNames: [a.example], profile: legacy, mail: {spool: {when: always, maximumSize: %s}}}";
    for (String size : List.of("1000GB", "1MB")) {
      Path file = directory.resolve(size);
      String text = "dataDirectory: '%s'\nlisteners:\n  " + listener + "\n";
      Files.writeString(file, text.formatted(directory.resolve("data"), size));

      CommandRun run = CommandRun.of("check", "-c", file.toString());

      assertThat(run.exit()).as(run.toString()).isZero();
      assertThat(run.out().contains("mail.spool.maximumSize: got 1024000 MB, but "))
          .isEqualTo(size.equals("1000GB"));
    }
  }

  @Test
  void showsSocksUsersAndSendersOfProxyHeaders() throws Exception {
    Path password = Files.writeString(directory.resolve("password"), "hunter2\n");
    Path file = directory.resolve("ways.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: '%s'
        listeners:
          - {name: open, bind: "127.0.0.1:0", accept: socks, profile: legacy,
             proxyProtocol: {accept: required, from: [10.0.0.1, "2001:db8::/64"]}}
          - {name: closed, bind: "127.0.0.1:0", accept: socks, profile: legacy,
             users: [{name: scanner, passwordFile: '%s'}, {name: phone, passwordFile: '%s'}]}
        """
            .formatted(directory.resolve("data"), password, password));

    CommandRun run = CommandRun.of("check", "-c", file.toString());

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(
            "listener open: socks on 127.0.0.1:0 with PROXY headers from 10.0.0.1/32,"
                + " 2001:db8:0:0:0:0:0:0/64, profile legacy")
        .contains("listener closed: socks for scanner, phone on 127.0.0.1:0, profile legacy")
        .doesNotContain("hunter2");
  }

  @Test
  void showsWhatAReloadWouldChange() throws Exception {
    Path next = Files.createDirectory(directory.resolve("next"));
    String old = Configs.write(directory, "limits: {maxSessions: 900}");
    Path file = next.resolve("next.yaml");
    Files.writeString(
        file, Files.readString(Path.of(old)).replace("maxSessions: 900", "maxSessions: 800"));

    CommandRun run = CommandRun.of("check", "-c", file.toString(), "--against", old);
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("a reload would change: limits.maxSessions\n");

    CommandRun json = CommandRun.of("check", "-c", file.toString(), "--against", old, "--json");
    assertThat(JSON.readTree(json.out()).path("changed").toString())
        .isEqualTo("[\"limits.maxSessions\"]");

    CommandRun same = CommandRun.of("check", "-c", old, "--against", old);
    assertThat(same.out()).contains("a reload would change: no key\n");
  }

  @Test
  void refusesChangesThatNeedARestart() throws Exception {
    String old = Configs.write(directory);
    Path file = directory.resolve("next.yaml");
    Files.writeString(file, Files.readString(Path.of(old)) + "\ntransport: nio\n");
    CommandRun run = CommandRun.of("check", "-c", file.toString(), "--against", old);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            ": transport: the running daemon has '",
            "a reload cannot change this key; restart the daemon");
  }

  @Test
  void createsNothing() throws Exception {
    CommandRun run = CommandRun.of("check", "-c", Configs.write(directory));
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("created at the first start");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void reportsAllProblemsAtOnce() throws Exception {
    String file = Configs.write(directory, "transport: pigeon", "limits: {maxSessions: 0}");
    CommandRun run = CommandRun.of("check", "-c", file);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("2 problems", file + ":7: transport: ", file + ":8: limits.maxSessions: ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void jsonListsErrorsWithTheirPositions() throws Exception {
    String file = Configs.write(directory, "transport: pigeon", "limits: {maxSessions: 0}");
    CommandRun run = CommandRun.of("check", "--json", "-c", file);
    assertThat(run.exit()).isEqualTo(2);
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.path("ok").booleanValue()).isFalse();
    assertThat(result.path("problems")).hasSize(2);
    assertThat(result.path("problems").get(0).toString())
        .isEqualTo(
            ("{'file':'%s','line':8,'column':10,'key':'limits.maxSessions',"
                    + "'message':'got '0'; expected a number from 1 to 1000000'}")
                .formatted(file)
                .replace('\'', '"')
                .replace("\"0\"", "'0'"));
    assertThat(result.path("warnings")).isEmpty();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void jsonListsWarningsOfAValidConfiguration() throws Exception {
    String file =
        Configs.write(
            directory, "limits: {maxSessions: 1}", "upstream: {sourceAddress: 192.0.2.1}");
    CommandRun run = CommandRun.of("check", "--json", "-c", file);
    assertThat(run.exit()).isZero();
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.path("ok").booleanValue()).isTrue();
    assertThat(result.path("problems")).isEmpty();
    assertThat(result.path("warnings"))
        .extracting(each -> each.path("line") + " " + each.path("key").textValue())
        .containsExactlyInAnyOrder("7 limits.maxSessionsPerDevice", "8 upstream.sourceAddress");
  }

  @Test
  void jsonOfTheBuiltInDefaultNamesNoFile() throws Exception {
    CommandRun run = CommandRun.of("check", "--json");
    assertThat(run.exit()).isZero();
    assertThat(JSON.readTree(run.out()).path("ok").booleanValue()).isTrue();
    assertThat(run.out()).doesNotContain("file");
  }

  @Test
  void jsonOfABrokenAuthorityHasTheExitCodeOfText() throws Exception {
    String file = Configs.write(directory);
    Path ca = Files.createDirectories(directory.resolve("data/ca"));
    Files.writeString(ca.resolve("ca.key.pem"), "garbage");
    Files.writeString(ca.resolve("ca.crt.pem"), "garbage");

    CommandRun run = CommandRun.of("check", "--json", "-c", file);

    assertThat(run.exit()).isEqualTo(CommandRun.of("check", "-c", file).exit()).isNotZero();
    assertThat(JSON.readTree(run.out()).path("ok").booleanValue()).isFalse();
    assertThat(JSON.readTree(run.out()).path("problems")).hasSize(1);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void warnsOfNamesThatTheAuthorityCannotSign() throws Exception {
    String file = Configs.write(directory);
    Configs.makeAuthority(file);
    Files.writeString(
        Path.of(file),
        Files.readString(Path.of(file)).replace("localhost:1024-65535", "new.example"));

    CommandRun run = CommandRun.of("check", "-c", file);

    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("SHA-256 ").containsPattern("warning: .*new\\.example");
  }

  @Test
  void failsIfTheCaIsBroken() throws Exception {
    String file = Configs.write(directory);
    Configs.makeAuthority(file);
    Path key = directory.resolve("data/ca/ca.key.pem");
    Files.writeString(key, "garbage");

    CommandRun run = CommandRun.of("check", "-c", file);

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains(key.toString()).doesNotContain("\tat ");
  }

  private String connector(ClientAuthority.Issued issued) throws Exception {
    Path certificate = Files.writeString(directory.resolve("relay.pem"), issued.certificatePem());
    Path key = Files.writeString(directory.resolve("relay.key"), issued.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    String file = Configs.write(directory);
    Files.writeString(
        Path.of(file),
        Files.readString(Path.of(file))
            .replace(
                "action: bridge",
                "action: bridge, clientCertificate: {certificate: '%s', key: '%s'}"
                    .formatted(certificate, key))
            .replace(
                "profile: legacy",
                "profile: legacy, mail: {allowedSenders: [scanner@contoso.example]}")
            .replace("localhost:1024-65535", "localhost:26-65535"));
    return file;
  }

  @Test
  void showsTheClientCertificateOfARoute() throws Exception {
    ClientAuthority.Issued issued = ClientAuthority.create().issue("EC", "relay.example.test");
    CommandRun run = CommandRun.of("check", "-c", connector(issued));
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(
            "routes[0]: bridge (modern devices: bridge, client certificate): localhost:26-65535")
        .contains(
            "client certificate for localhost:26-65535: CN=relay.example.test, expires "
                + issued.certificate().getNotAfter().toInstant())
        .doesNotContain("warning");
  }

  @Test
  void refusesAClientCertificateForMailOfAnySender() throws Exception {
    String file = connector(ClientAuthority.create().issue("EC", "relay.example.test"));
    Files.writeString(
        Path.of(file),
        Files.readString(Path.of(file))
            .replace(", mail: {allowedSenders: [scanner@contoso.example]}", ""));
    CommandRun run = CommandRun.of("check", "-c", file);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "listeners[0].mail.allowedSenders: missing, and the route to localhost:26-65535 presents a"
                + " client certificate: each device could send as anyone in your organization;"
                + " expected a list of mail addresses; list the senders of these devices");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void warnsOfAClientCertificateThatExpiresSoon() throws Exception {
    ClientAuthority.Issued issued =
        ClientAuthority.create()
            .issue("EC", "relay.example.test", Instant.now().plus(Duration.ofDays(12)));
    CommandRun run = CommandRun.of("check", "-c", connector(issued));
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .containsPattern("warning: the client certificate CN=relay.example.test .* in 11 days");
  }

  @Test
  void refusesAClientCertificateThatHasExpired() throws Exception {
    ClientAuthority.Issued issued =
        ClientAuthority.create()
            .issue("EC", "relay.example.test", Instant.now().minus(Duration.ofDays(1)));
    CommandRun run = CommandRun.of("check", "-c", connector(issued));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("1 problem", "routes[0].clientCertificate: ", "CN=relay.example.test", "expired");
    assertThat(run.out()).isEmpty();
  }

  private CommandRun withCertificate(ClientAuthority.Issued issued) throws Exception {
    Path certificate = Files.writeString(directory.resolve("own.pem"), issued.certificatePem());
    Path key = Files.writeString(directory.resolve("own.key"), issued.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path file =
        Files.writeString(
            directory.resolve("own.yaml"),
            """
            dataDirectory: %s
            listeners:
              - name: mail
                bind: 127.0.0.1:0
                accept: fixed
                origin: smtp.office365.com:587
                protocol: smtp
                profile: legacy
                certificate: {certificate: '%s', key: '%s'}
            """
                .formatted(directory.resolve("data"), certificate, key));
    return CommandRun.of("check", "-c", file.toString());
  }

  @Test
  void showsTheCertificateOfAListenerAndItsNames() throws Exception {
    ClientAuthority.Issued issued = ClientAuthority.create().issueFor("uplift.example.test");
    CommandRun run = withCertificate(issued);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("profile legacy, with its own certificate")
        .contains(
            "certificate of listener mail: CN=uplift.example.test for uplift.example.test, expires "
                + issued.certificate().getNotAfter().toInstant())
        .doesNotContain("warning");
  }

  @Test
  void warnsOfTheCertificateOfAListenerAndRefusesAnExpiredOne() throws Exception {
    ClientAuthority company = ClientAuthority.create();
    assertThat(
            withCertificate(
                    company.issueFor(Instant.now().plus(Duration.ofDays(12)), "a.example.test"))
                .out())
        .containsPattern(
            "warning: the certificate of the listener mail CN=a.example.test .* in 11 days");
    CommandRun expired =
        withCertificate(
            company.issueFor(Instant.now().minus(Duration.ofDays(1)), "a.example.test"));
    assertThat(expired.exit()).isEqualTo(2);
    assertThat(expired.err())
        .contains("listeners[0].certificate: ", "CN=a.example.test expired on ");
  }

  @Test
  void refusesAnExpiredCertificateOfAnApplicationWithWhichTheDaemonStarts() throws Exception {
    ClientAuthority.Issued issued =
        ClientAuthority.create()
            .issue("RSA", "application", Instant.now().minus(Duration.ofDays(1)));
    Path certificate = Files.writeString(directory.resolve("own.pem"), issued.certificatePem());
    Path key = Files.writeString(directory.resolve("own.key"), issued.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path file =
        Files.writeString(
            directory.resolve("application.yaml"),
            """
            dataDirectory: %s
            listeners:
              - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, profile: legacy, signIn: true}
            signIn:
              tenant: contoso.example
              applicationId: 11111111-2222-4333-8444-555555555555
              certificate: {certificate: '%s', key: '%s'}
              accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]
            """
                .formatted(directory.resolve("data"), certificate, key));
    assertThat(ConfigLoader.load(file).warnings())
        .extracting(ConfigProblem::path)
        .doesNotContain("signIn.certificate");
    CommandRun run = CommandRun.of("check", "-c", file.toString());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "1 problem",
            "signIn.certificate: ",
            "CN=application (tenant contoso.example) expired on ",
            "run 'tls-uplift tenant setup --new-certificate --config " + file + "'");
  }

  @ParameterizedTest
  @CsvSource({"12, in 1. days; create a new secret", "-2, if it was replaced", "40, ''"})
  void warnsOfASecretThatExpiresSoon(int days, String text) throws Exception {
    Path secret = Files.writeString(directory.resolve("client.secret"), "secret\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    LocalDate day = LocalDate.now(ZoneId.systemDefault()).plusDays(days);
    Path file =
        Files.writeString(
            directory.resolve("secret.yaml"),
            """
            dataDirectory: %s
            listeners:
              - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, profile: legacy, signIn: true}
            signIn:
              tenant: contoso.example
              applicationId: 11111111-2222-4333-8444-555555555555
              clientSecretFile: %s
              secretExpires: %s
              accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]
            """
                .formatted(directory.resolve("data"), secret, day));
    CommandRun run = CommandRun.of("check", "-c", file.toString());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("with its secret, which expires on " + day);
    if (text.isEmpty()) {
      assertThat(run.out()).doesNotContain("the secret of application");
    } else {
      assertThat(run.out())
          .containsPattern(
              "warning: .*signIn.secretExpires: the secret of application .* \\(tenant contoso.example\\) .*"
                  + text);
    }
  }

  @Test
  void warnsOfATokenOfTheAdminPortThatExpiresSoon() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("tokens-expire.yaml"),
            """
            dataDirectory: %s
            listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
            admin: {tokens: [{name: deploy, sha256: '%s', expires: %s}]}
            """
                .formatted(
                    directory.resolve("data"),
                    "a".repeat(64),
                    LocalDate.now(ZoneId.systemDefault()).plusDays(3)));
    assertThat(CommandRun.of("check", "-c", file.toString()).out())
        .containsPattern(
            "warning: .*admin.tokens\\[0\\].expires: the token deploy of the admin port expires"
                + " after .*, in 3 days");
  }

  private Path privately(String name, String text) throws Exception {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void refusesAListenerWhoseOriginMayNotGetTokensButAddsAccounts() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("tokens.yaml"),
            """
            dataDirectory: %s
            listeners:
              - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, profile: legacy, signIn: true}
              - {name: azure, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.azurecomm.net:587', protocol: smtp, profile: legacy, signIn: true}
            routes: [{to: [microsoft365, azure-communication], action: bridge}]
            signIn:
              tenant: contoso.example
              applicationId: 11111111-2222-4333-8444-555555555555
              clientSecretFile: %s
              accountsFile: %s
            """
                .formatted(
                    directory.resolve("data"),
                    privately("client.secret", "secret\n"),
                    privately(
                        "accounts.yaml",
                        "accounts: [{devices: [10.0.0.0/8], mailbox: a@b.example}]\n")));
    CommandRun refused = CommandRun.of("check", "-c", file.toString());
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains(
            "tokens.yaml:4: listeners[1].origin: got 'smtp.azurecomm.net:587'; expected a host that may get the tokens of the accounts: ",
            "add an account with 'upstream' for this origin");

    CommandRun added =
        CommandRun.of(
            "accounts",
            "add",
            "-c",
            file.toString(),
            "--device",
            "192.0.2.0/24",
            "--mailbox",
            "b@b.example",
            "--upstream-origin",
            "smtp.azurecomm.net:587",
            "--upstream-password-file",
            privately("upstream.password", "a password\n").toString());
    assertThat(added.exit()).as(added.err()).isZero();
    assertThat(CommandRun.of("check", "-c", file.toString()).exit()).isZero();
  }
}
