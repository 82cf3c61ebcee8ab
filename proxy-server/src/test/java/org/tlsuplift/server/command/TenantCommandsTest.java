package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.process.OwnerOnlyFile;

/** The commands for a tenant; {@code DoctorIT} checks one. */
class TenantCommandsTest {
  private static final String ID = "11111111-2222-3333-4444-555555555555";
  private static final String OBJECT = "66666666-7777-8888-9999-000000000000";
  private static final String PENDING = "00000000-0000-0000-0000-000000000000";

  @TempDir Path directory;

  @Test
  void setupAddsTheSectionToTheConfiguration() throws Exception {
    Path config = config("");
    String before = Files.readString(config);

    CommandRun run = setup(config, "--application-id", ID, "--write");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("Kept ", "(checked)", "tls-uplift tenant check --wait --config " + config)
        .contains("warning: no listener has 'signIn: true'");
    assertThat(Files.readString(config))
        .startsWith(before)
        .contains("signIn:\n", "applicationId: '" + ID + "'", "application.key.pem'");
    assertThat(directory.resolve("data/audit.journal"))
        .content()
        .contains("\tcommand\tconnect.write\tcontoso.com\t\tsection+signIn\tdone");
    assertThat(CommandRun.of("check", "-c", config.toString()).exit()).isZero();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.filter(file -> file.toString().contains(".yaml.")))
          .singleElement()
          .satisfies(kept -> assertThat(Files.readString(kept)).isEqualTo(before));
    }
  }

  @Test
  void setupChangesNoSectionThatExists() throws Exception {
    Path config = config("");
    setup(config, "--application-id", ID, "--write");
    String before = Files.readString(config);

    CommandRun run = setup(config, "--application-id", ID, "--write");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("has a section 'signIn' already");
    assertThat(Files.readString(config)).isEqualTo(before);
  }

  @Test
  void setupLetsDevicesSignInOnListeners() throws Exception {
    Path config = config("");
    String before = Files.readString(config);

    CommandRun wrong = setup(config, "--application-id", ID, "--write", "--listeners", "web");
    assertThat(wrong.err())
        .contains(
            "--listeners: got 'web'; expected all, none, or listeners for mail without signIn: mail");
    assertThat(Files.readString(config)).isEqualTo(before);

    CommandRun run = setup(config, "--application-id", ID, "--write", "--listeners", "mail");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("devices sign in on mail; mailbox passwords no longer work there")
        .doesNotContain("warning: no listener");
    assertThat(Files.readString(config))
        .contains("587\", signIn: true, protocol: smtp, profile: legacy")
        .startsWith(before.substring(0, before.indexOf("protocol")));
    assertThat(CommandRun.of("check", "-c", config.toString()).exit()).isZero();
    assertThat(setup(config, "--application-id", ID, "--write", "--listeners", "all").err())
        .contains("has a section 'signIn' already");
  }

  /** For a section that was written without them. */
  @Test
  void setupAddsListenersToASectionOfTheSameApplication() throws Exception {
    String own =
        "  - name: imaps\n    bind: 127.0.0.1:0\n    accept: fixed\n    origin: outlook.office365.com:993\n    protocol: imap # ü\n    profile: legacy\n";
    Path config = config("");
    Files.writeString(config, Files.readString(config).replace("routes:", own + "routes:"));
    setup(config, "--application-id", ID, "--write");
    String before = Files.readString(config);

    CommandRun run = setup(config, "--application-id", ID, "--write", "--listeners", "all");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readString(config))
        .isEqualTo(
            before
                .replace("protocol: smtp", "signIn: true, protocol: smtp")
                .replace(
                    "    protocol: imap # ü",
                    "%-41s # the device signs in here; see 'signIn' below\n    protocol: imap # ü"
                        .formatted("    signIn: true")));
    assertThat(ConfigLoader.load(config).config().listeners()).allMatch(ListenerConfig::signIn);
  }

  @Test
  void setupShowsTheSectionAndWritesNothingOtherwise() throws Exception {
    Path config = config("");
    String before = Files.readString(config);
    CommandRun run = setup(config, "--application-id", ID);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("signIn:\n", "applicationId: '" + ID + "'");
    assertThat(Files.readString(config)).isEqualTo(before);

    assertThat(setup(config).out())
        .contains("tls-uplift-tenant-setup.ps1", "--application-id \"LINE OF IDS\"")
        .doesNotContain("signIn:");
    assertThat(
            CommandRun.of("tenant", "setup", "--yes", "--tenant", "contoso.com", "--write").err())
        .contains("--write: needs --config");
  }

  /** The machine is gone: only a copy of its configuration is there. */
  @Test
  void revokeFillsInTheStepsFromTheConfigurationAlone() throws Exception {
    String hash = "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    Path config =
        config(
            """
            certificateAuthority: {certificate: /gone/ca.pem, key: /gone/ca.key}
            admin:
              users: [{name: alice, passwordHash: "%1$s"}]
            signIn:
              tenants:
                - name: office
                  tenant: contoso.com
                  applicationId: %2$s
                  certificate: {certificate: /gone/app.crt, key: /gone/app.key}
                - {name: alarm, tenant: fabrikam.us, applicationId: %2$s, clientSecretFile: /gone/app.secret, cloud: gcc-high}
                - {name: users, tenant: users.com, applicationId: %2$s, flow: device-code}
                - {name: bulk, tenant: bulk.com, applicationId: %2$s, service: hve, clientSecretFile: /gone/hve.secret}
              accountsFile: /gone/accounts.yaml
              accounts:
                - {login: printer, passwordHash: "%1$s", mailbox: scanner@contoso.com, tenant: office}
                - {devices: [10.1.2.0/24], mailbox: alarm@fabrikam.us, tenant: alarm}
                - {devices: [10.1.3.0/24], mailbox: o'neil@users.com, tenant: users}
                - {devices: [10.1.4.0/24], mailbox: bulk@bulk.com, tenant: bulk}
                - devices: [10.1.5.0/24]
                  mailbox: mail@example.com
                  upstream: {origin: "smtp.example.com:587", passwordFile: /gone/upstream.password}
            """
                .formatted(hash, ID));

    CommandRun run = CommandRun.of("tenant", "revoke", "-c", config.toString());

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("1. Stop new tokens of the application " + ID + " in the tenant 'contoso.com'")
        .contains(
            "-TenantId 'fabrikam.us' -Environment USGov ",
            "ExchangeEnvironmentName O365USGovGCCHigh")
        .contains(
            "The certificate of this machine, /gone/app.crt, is not here, is not in PEM, or this user may not read it",
            "-KeyCredentials @()")
        .contains(
            "The client secret in /gone/app.secret",
            "/gone/accounts.yaml is not here, or this user may not read it: run the")
        .contains(
            "$mailboxes = @(@('scanner@contoso.com') + $members.PrimarySmtpAddress",
            "-like '*" + ID + "*'")
        .contains("@('o''neil@users.com') | ForEach-Object { Revoke-MgUserSignInSession")
        .contains("$mailboxes = @('bulk@bulk.com')\n")
        .contains("   /gone/ca.key\n", "   /gone/app.key\n", "   /gone/upstream.password\n")
        .doesNotContain(hash, "   /gone/ca.pem\n")
        .doesNotContainPattern("\\{[A-Z]+}");
  }

  @Test
  void setupTakesTheTenantOfTheConfiguration() throws Exception {
    Path config = config("");
    CommandRun.of(
        "tenant",
        "setup",
        "--yes",
        "--write",
        "--config=" + config,
        "--tenant=contoso.us",
        "--cloud=gcc-high",
        "--application-id=" + ID);
    String output = "--output=" + directory;

    CommandRun run =
        CommandRun.of("tenant", "setup", "--yes", "--new-certificate", "-c", "" + config, output);

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("sign-in/contoso.us.application.crt.pem.next")
        .contains(".ps1 -Part Entra -ApplicationId " + ID + " -Apply\n");
    assertThat(directory.resolve("tls-uplift-tenant-setup.ps1"))
        .content()
        .contains("$Tenant = 'contoso.us'", "$GraphEnvironment = 'USGov'");
    assertThat(setup(config).out())
        .as("another tenant, which was typed")
        .contains("sign-in/contoso.com.application.crt.pem,");
    assertThat(
            CommandRun.of("tenant", "setup", "--yes", "-c", "" + config("signIn: {"), output).err())
        .contains("invalid YAML");
  }

  @Test
  void setupKeepsTheSecretOfTheConfiguration() throws Exception {
    Path config = leastConfig("application");
    CommandRun run =
        CommandRun.of("tenant", "setup", "--yes", "-c", "" + config, "--application-id", ID);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("clientSecretFile: '" + directory.resolve("secret") + "'")
        .doesNotContain("Certificate ");
  }

  @Test
  void setupNamesTheStepsOfASecret() throws Exception {
    assertThat(setup(config(""), "--client-secret").out())
        .contains(
            "tls-uplift-client-secret.txt goes another way",
            "--application-id \"LINE OF IDS\" --client-secret-file FILE.");
    assertThat(setup(config("")).out()).doesNotContain("client-secret");
  }

  /** The line of an earlier script has three IDs. */
  @Test
  void setupNamesTheKeyWithoutWhichTheCertificateIsNotRenewed() throws Exception {
    String warning = "warning: add 'applicationObjectId: ID' beside applicationId";
    String line = "72f988bf-86f1-41af-91ab-2d7cd011db47 " + ID + " " + OBJECT;
    Path config = config("");
    assertThat(setup(config, "--application-id", line).out()).containsOnlyOnce(warning);
    assertThat(setup(config, "--application-id", line, "--write").out())
        .contains("warning: no listener has 'signIn: true'", "; add 'applicationObjectId: ID'");
    String whole = line + " 44444444-3333-2222-1111-000000000000";
    assertThat(setup(config, "--application-id", whole).out()).doesNotContain("Object ID)");
    assertThat(setup(config, "--application-id", whole, "--write").out())
        .contains("(checked)")
        .doesNotContain("Object ID)");
    assertThat(setup(config(""), "--application-id", line, "--flow=device-code").out())
        .doesNotContain("Object ID)");
  }

  @Test
  void revokeNamesOnlyWhatTheConfigurationHas() throws Exception {
    assertThat(CommandRun.of("tenant", "revoke", "-c", "" + config("")).out())
        .contains("1. Remove the CA from every device")
        .doesNotContain("Microsoft 365 are first", "These files", "tenant setup", "AccountEnabled");
    assertThat(CommandRun.of("tenant", "revoke", "-c", "" + leastConfig("application")).out())
        .contains("Microsoft 365 are first", "\"Renew the secret\"", "AccountEnabled:$true")
        .doesNotContain("--new-certificate", "accounts sign-in");
    assertThat(CommandRun.of("tenant", "revoke", "-c", "" + leastConfig("device-code")).out())
        .contains("tls-uplift accounts sign-in MAILBOX")
        .doesNotContain("--new-certificate", "Renew the secret");
  }

  @Test
  void revokeNamesOnlyTheMistakeInTheSyntax() throws Exception {
    Path config = Files.writeString(directory.resolve("bad.yaml"), "signIn: {a");
    CommandRun run = CommandRun.of("tenant", "revoke", "-c", config.toString());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("bad.yaml: 1 problem", "invalid YAML");
  }

  @Test
  void revokeNamesTheCertificatesOfThisMachineAndNoOthers() throws Exception {
    Path config = config("");
    setup(config, "--application-id", ID, "--write");
    setup(config, "--application-id", ID, "--new-certificate");
    assertThat(setup(config, "--new-certificate").out())
        .contains("tls-uplift tenant check --wait --config " + config);
    Configs.makeAuthority(config.toString());

    String steps = CommandRun.of("tenant", "revoke", "-c", config.toString()).out();

    assertThat(steps)
        .containsPattern("The certificate \"TLS Uplift [0-9A-F]{32}\", thumbprint [0-9A-F]{40}")
        .containsPattern("-notin @\\('[0-9A-F:]{95}', '[0-9A-F:]{95}'\\)")
        .containsPattern("all listeners: [0-9A-F]{2}:")
        .contains("on another instance prints what to keep")
        .doesNotContain("PRIVATE KEY");
  }

  @Test
  void checkNamesTheIdThatIsMissing() throws Exception {
    Path config =
        config(
            """
            signIn:
              tenant: contoso.com
              applicationId: 00000000-0000-0000-0000-000000000000
              flow: device-code
              accounts:
                - {devices: [10.1.2.0/24], mailbox: scanner@contoso.com}
            """);
    CommandRun run = CommandRun.of("tenant", "check", "-c", config.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains(
            "run: tls-uplift tenant setup --write --tenant contoso.com --flow device-code --application-id \"LINE OF IDS\" --config "
                + config
                + ": signIn.applicationId is still the placeholder, so no device can sign in");
  }

  @Test
  void checkNamesTheAccountThatIsMissing() throws Exception {
    Path config =
        config(
            "signIn: {tenant: contoso.com, applicationId: %s, flow: device-code, accountsFile: a.yaml}\n"
                .formatted(ID));
    assertThat(CommandRun.of("tenant", "check", "-c", config.toString()).err())
        .contains(
            "run tls-uplift accounts add, or name a mailbox: tls-uplift tenant check MAILBOX: no account uses a mailbox yet");
  }

  @Test
  void checkNeedsAListenerThatSignsIn() throws Exception {
    Path config =
        config(
            """
            signIn:
              tenant: contoso.com
              applicationId: 11111111-2222-3333-4444-555555555555
              flow: device-code
              accounts:
                - {devices: [10.1.2.0/24], mailbox: scanner@contoso.com}
            """);
    CommandRun run =
        CommandRun.of("tenant", "check", "scanner@contoso.com", "-c", config.toString());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("no mail listener with 'signIn: true'");
    assertThat(
            CommandRun.of(
                    "tenant", "check", "a@contoso.com", "--tenant", "x", "-c", config.toString())
                .err())
        .contains("--tenant: got 'x'; expected contoso.com");
  }

  /** 'init' has written the section, and the administrator has sent the ID since. */
  @Test
  void setupSetsTheIdThatIsMissing() throws Exception {
    Path config = config("");
    assertThat(setup(config, "--application-id", PENDING).out()).doesNotContain("signIn:");
    setup(config, "--application-id", ID, "--write");
    Files.writeString(config, Files.readString(config).replace(ID, PENDING));

    CommandRun run = setup(config, "--application-id", ID, "--write");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readString(config))
        .containsOnlyOnce("signIn:\n")
        .contains(ID)
        .doesNotContain(PENDING);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.filter(file -> file.toString().contains(".yaml.")))
          .as("two changes within a second keep both files")
          .hasSize(2);
    }
  }

  /** Only the last ID of the line proves to Microsoft that the application renews its own key. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "signIn:\n  tenant: contoso.com\n  applicationId: PENDING # replace it with the application ID of the script\n",
        "signIn: {tenant: contoso.com, applicationId: PENDING, ",
        "signIn:\n  tenants:\n  - applicationId: PENDING\n    name: office\n    tenant: contoso.com\n",
      })
  void setupWritesTheObjectIdOfTheApplication(String section) throws Exception {
    String flow = "flow: device-code" + (section.contains("{") ? ", accountsFile: a.yaml}" : "");
    String indent = section.contains("tenants:") ? "    " : section.contains("{") ? "" : "  ";
    String accounts = section.contains("{") ? "" : "\n  accountsFile: a.yaml";
    String line = "72f988bf-86f1-41af-91ab-2d7cd011db47 " + ID + " " + OBJECT;
    Path config = config(section.replace("PENDING", PENDING) + indent + flow + accounts + "\n");

    CommandRun run = setup(config, "--flow=device-code", "--write", "--application-id", line);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readString(config)).doesNotContain(PENDING, "replace it with", "ObjectId");

    // The line of a later script has the ID that was missing.
    line += " 44444444-3333-2222-1111-000000000000";
    run = setup(config, "--flow=device-code", "--write", "--application-id", line);
    assertThat(run.exit()).as(run.err()).isZero();
    SignInTenant tenant = ConfigLoader.load(config).config().signIn().tenants().get(0);
    assertThat(tenant.applicationId()).isEqualTo(ID);
    assertThat(tenant.applicationObjectId()).isEqualTo("44444444-3333-2222-1111-000000000000");
    assertThat(Files.readString(config).contains(" # the object ID of its registration\n"))
        .isEqualTo(!section.contains("{"));
    assertThat(setup(config, "--flow=device-code", "--write", "--application-id", line).err())
        .contains("has a section 'signIn' already");
  }

  @Test
  void setupLeastWritesScriptsForTheAccountsOfTheConfiguration() throws Exception {
    Path config = leastConfig("application");
    CommandRun run = least(config);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "Mailboxes       copier@contoso.com, scanner@contoso.com",
            "Keep access     none\n",
            ".\\tls-uplift-tenant-least.ps1 -Part Exchange -TenantId ID -ApplicationId " + ID,
            "SHA-256 begins with ");
    assertThat(directory.resolve("tls-uplift-tenant-remove.ps1")).doesNotExist();
    for (String kind : List.of("setup", "least")) {
      assertThat(directory.resolve("tls-uplift-tenant-" + kind + ".ps1"))
          .content()
          .contains(
              "$Mailboxes = @('copier@contoso.com', 'scanner@contoso.com')", "$KeepAccess = @()");
    }
  }

  /** Devices can open the mailbox there. */
  @Test
  void setupLeastKeepsTheAccessOfAMailboxThatAListenerForImapServes() throws Exception {
    Path config = leastConfig("application");
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "routes:",
                "  - {name: imap, bind: '127.0.0.1:0', accept: fixed, origin: 'outlook.office365.com:993', protocol: imap, profile: legacy, serverNames: [localhost], signIn: true}\nroutes:"));
    CommandRun run = least(config);
    assertThat(run.out())
        .as(run.err())
        .contains("Keep access     copier@contoso.com, scanner@contoso.com");
    assertThat(directory.resolve("tls-uplift-tenant-least.ps1"))
        .content()
        .contains(
            "$KeepAccess = @('copier@contoso.com', 'scanner@contoso.com')",
            // Set-up opens the protocols for all mailboxes.
            "$Protocols = @('smtp')");

    assertThat(least(config, "--mailboxes", "scanner@contoso.com").out())
        .contains("Keep access     copier@contoso.com\n");
    assertThat(least(config, "--mailboxes", "typo@contoso.com").err())
        .contains("--mailboxes: expected mailboxes of accounts: copier@contoso.com, scanner");
  }

  @Test
  void setupLeastRefusesOptionsAndTenantsThatItCannotUse() throws Exception {
    Path config = leastConfig("application");
    assertThat(least(config, "--tenant", "fabrikam.com").err())
        .contains("--tenant: got 'fabrikam.com'; expected contoso.com");
    assertThat(least(config, "--tenant", "contoso.com").exit()).isZero();
    CommandRun more = least(config, "--write");
    assertThat(more.exit()).isEqualTo(2);
    assertThat(more.err()).contains("--least: takes its values from the configuration");
    assertThat(least(leastConfig("device-code")).err())
        .contains("--least: no application signs in to mailboxes of the tenant contoso.com");
    Path none = leastConfig("application");
    Files.writeString(none, Files.readString(none).replace(", sendBy: graph", ""));
    assertThat(least(none).out()).contains("graph@contoso.com");
    Files.writeString(none, Files.readString(none).replace(", signIn: true", ""));
    assertThat(least(none).err())
        .contains("--least: no account of tenant contoso.com sends by SMTP");
  }

  private CommandRun least(Path config, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("tenant", "setup", "--least", "--yes", "-c", config.toString(), "--output"));
    arguments.add(directory.toString());
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  /** Mail of one of three mailboxes goes by Graph. */
  private Path leastConfig(String flow) throws Exception {
    Path secret = directory.resolve("secret");
    OwnerOnlyFile.replace(secret, "x".getBytes(StandardCharsets.UTF_8));
    Path config =
        config(
            """
            signIn:
              tenant: contoso.com
              applicationId: %s
              flow: %s%s
              accounts:
                - {devices: [10.1.1.0/24], mailbox: Scanner@contoso.com}
                - {devices: [10.1.2.0/24], mailbox: copier@contoso.com}
                - {devices: [10.1.3.0/24], mailbox: graph@contoso.com, sendBy: graph}
            """
                .formatted(ID, flow, "\n  clientSecretFile: " + secret));
    String text = Files.readString(config).replace("[localhost]}", "[localhost], signIn: true}");
    return Files.writeString(
        config,
        flow.equals("application")
            ? text
            : text.replaceAll("(?m)^  clientSecretFile.*\n", "").replace(", sendBy: graph", ""));
  }

  private CommandRun setup(Path config, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "tenant",
                "setup",
                "--yes",
                "-c",
                config.toString(),
                "--tenant",
                "contoso.com",
                "--mailboxes",
                "scanner@contoso.com",
                "--output",
                directory.toString()));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private Path config(String more) throws Exception {
    return Files.writeString(
        directory.resolve("tls-uplift.yaml"),
        """
        dataDirectory: %s/data
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, serverNames: [localhost]}
        routes:
          - {to: [microsoft365], action: bridge}
        %s"""
            .formatted(directory, more));
  }
}
