package org.tlsuplift.server.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;

/** What is asked, proposed and refused. */
class InterviewTest {
  private static final LocalDate TODAY = LocalDate.parse("2026-11-27");
  private static final String ID = "11111111-2222-3333-4444-555555555555";
  private static final String OBJECT = "44444444-3333-2222-1111-000000000000";

  @TempDir Path directory;

  @Test
  void acceptsEveryProposal() throws Exception {
    ScriptedTerminal terminal = new ScriptedTerminal(file(), "", "", "");

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices)
        .isEqualTo(
            new Choices(
                directory.resolve("tls-uplift.yaml"),
                directory.resolve("data"),
                List.of("uplift", "192.168.1.5"),
                Set.of(WayIn.PROXY, WayIn.HTTPS, WayIn.SCAN_TO_MAIL),
                null,
                null,
                null,
                null,
                Cloud.WORLDWIDE));
    assertThat(terminal.prompts().get(2))
        .isEqualTo(
            "By which names and addresses do devices reach this machine? [uplift, 192.168.1.5]: ");
    assertThat(terminal.lines())
        .hasSize(WayIn.values().length)
        .anyMatch(line -> line.strip().startsWith("scan-to-mail "));
  }

  @Test
  void asksForTenantAndLastDayOnlyIfNeeded() throws Exception {
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(),
            directory.resolve("other").toString(),
            "Uplift.corp.example, 10.1.2.3",
            "sign-in antique",
            "contoso.onmicrosoft.com",
            ID,
            "device-code",
            "",
            "10.1.2.0/28",
            "2027-06-30");

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices.data()).isEqualTo(directory.resolve("other"));
    assertThat(choices.names()).containsExactly("uplift.corp.example", "10.1.2.3");
    assertThat(choices.signIn())
        .isEqualTo(
            new Choices.SignIn("contoso.onmicrosoft.com", ID, SignInConfig.Flow.DEVICE_CODE, null));
    assertThat(choices.antique())
        .isEqualTo(
            new Choices.Antique(List.of(Cidr.parse("10.1.2.0/28")), LocalDate.parse("2027-06-30")));
    assertThat(terminal.answers()).isEmpty();
  }

  @Test
  void asksAgainAfterAnAnswerThatItCannotUse() throws Exception {
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(), "", "*.corp.example", "uplift.corp.example:443", "", "proxi", "proxy");

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices.ways()).containsExactly(WayIn.PROXY);
    assertThat(terminal.lines())
        .filteredOn(line -> line.startsWith("--"))
        .containsExactly(
            "--names: got '*.corp.example'; expected names or addresses, such as"
                + " uplift.corp.example or 192.168.1.5; write each name: old devices do not"
                + " understand * in certificates",
            "--names: got 'uplift.corp.example:443'; expected names or addresses, such as"
                + " uplift.corp.example or 192.168.1.5; write them without a port, separated by"
                + " commas",
            "--ways: got 'proxi'; expected one or more of proxy, https, scan-to-mail, mailboxes,"
                + " sign-in, direct-send, socks, transparent, antique; did you mean 'proxy'?");
  }

  @Test
  void asksForMxHostAndSendersOfDirectSend() throws Exception {
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(),
            "",
            "",
            "direct-send",
            "contoso.com",
            "52.101.73.5",
            "contoso-com.mail.protection.outlook.com:25",
            "Contoso-com.mail.protection.outlook.com",
            "",
            "contoso.com",
            "Scanner@contoso.com, @scan.contoso.com");

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices.directSend())
        .isEqualTo(
            new Choices.DirectSend(
                "contoso-com.mail.protection.outlook.com",
                List.of("scanner@contoso.com", "@scan.contoso.com")));
    assertThat(terminal.answers()).isEmpty();
    String host =
        "; expected the host that the Microsoft 365 admin center shows, such as"
            + " contoso-com.mail.protection.outlook.com; ";
    String senders =
        "; expected mail addresses, such as scanner@contoso.com, or @contoso.com for a whole"
            + " domain; ";
    assertThat(terminal.lines())
        .filteredOn(line -> line.startsWith("--"))
        .containsExactly(
            "--mx-host: got 'contoso.com'"
                + host
                + "write the host of the MX record, not the mail domain",
            "--mx-host: got '52.101.73.5'" + host + "write the name only",
            "--mx-host: got 'contoso-com.mail.protection.outlook.com:25'"
                + host
                + "write the name only",
            "--allowed-senders: got nothing" + senders + "write it here",
            "--allowed-senders: got 'contoso.com'" + senders + "write \"@contoso.com\"");
  }

  /** The daemon refuses such a file, when all other answers are given. */
  @Test
  void asksAgainForASecretThatOtherUsersCanRead() throws Exception {
    Path open = Files.writeString(directory.resolve("open.secret"), "secret\n");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    Path empty = Files.writeString(directory.resolve("empty.secret"), "");
    Path secret = Files.writeString(directory.resolve("client.secret"), "secret\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(),
            "",
            "",
            "sign-in",
            "",
            "contoso.onmicrosoft.com",
            ID,
            "",
            "",
            open.toString(),
            empty.toString(),
            secret.toString());

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices.signIn())
        .isEqualTo(
            new Choices.SignIn(
                "contoso.onmicrosoft.com", ID, SignInConfig.Flow.APPLICATION, secret));
    assertThat(terminal.lines())
        .filteredOn(line -> line.startsWith("--"))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith("--tenant: got nothing; expected")
                    .endsWith("; write it here"),
            second ->
                assertThat(second)
                    .startsWith("--client-secret-file: got '" + open)
                    .contains("is accessible to other users (mode rw-r--r--)", "chmod 600"),
            third -> assertThat(third).endsWith("is empty; put the password on its first line"));
  }

  /** All answers were lost when the file could not be written at the end. */
  @Test
  void asksAgainForPlacesThatCannotBeWritten() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file.resolve("tls-uplift.yaml").toString(),
            file(),
            file.resolve("data").toString(),
            directory.resolve("data").toString(),
            "",
            "");

    Choices choices = interview(Map.of(), terminal).choose();

    assertThat(choices.config()).isEqualTo(Path.of(file()));
    assertThat(choices.data()).isEqualTo(directory.resolve("data"));
    assertThat(terminal.lines())
        .filteredOn(line -> line.startsWith("--"))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith("--config: got '")
                    .endsWith("it cannot be written: " + file + " is a file"),
            second ->
                assertThat(second)
                    .startsWith("--data: got '")
                    .endsWith("it cannot be written: " + file + " is a file"));
  }

  @Test
  void leadsThroughTheSetupOfATenant() throws Exception {
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(),
            "",
            "",
            "sign-in",
            "contoso.com",
            "",
            "",
            "",
            "",
            "scanner",
            "scanner@contoso.com; fax@contoso.com",
            "smtp pop",
            "smtp pop3",
            directory.resolve("none").toString(),
            directory.toString(),
            "1234",
            "72f988bf-86f1-41af-91ab-2d7cd011db47 "
                + ID
                + " 66666666-7777-8888-9999-000000000000 "
                + OBJECT);

    Choices choices = interview(Map.of(), terminal).choose();

    ApplicationCertificate certificate =
        ApplicationCertificate.of(directory.resolve("data"), "contoso.com");
    assertThat(choices.signIn())
        .isEqualTo(
            new Choices.SignIn(
                "contoso.com",
                ID,
                OBJECT,
                SignInConfig.Flow.APPLICATION,
                Cloud.WORLDWIDE,
                null,
                certificate,
                true));
    assertThat(certificate.exists()).isTrue();
    assertThat(directory.resolve("tls-uplift-tenant-setup.ps1"))
        .content()
        .contains("$Mailboxes = @('scanner@contoso.com', 'fax@contoso.com')", "@('smtp', 'pop3')");
    assertThat(terminal.answers()).isEmpty();
    assertThat(terminal.lines())
        .filteredOn(line -> line.startsWith("--"))
        .extracting(line -> line.split(":", 2)[0])
        .containsExactly("--mailboxes", "--protocols", "--output", "--application-id");
  }

  /** The administrator of the tenant may answer days later. */
  @Test
  void continuesWithoutTheIdsOfTheTenant() throws Exception {
    ScriptedTerminal terminal =
        new ScriptedTerminal(
            file(),
            "",
            "",
            "sign-in",
            "contoso.com",
            "",
            "",
            "",
            "",
            "",
            "",
            directory.toString(),
            "");

    Choices choices = interview(Map.of(), terminal).choose();

    Choices.SignIn signIn = choices.signIn();
    assertThat(signIn).isNotNull();
    assertThat(signIn.isPending()).isTrue();
    assertThat(signIn.certificate()).isNotNull();
    assertThat(String.join("\n", NextSteps.of(choices, Path.of("ca"), false)))
        .doesNotContain("Make the scripts")
        .contains("- Set the application ID when");
  }

  @Test
  void usesTheCertificateThatTheTenantSetupMade() throws Exception {
    ApplicationCertificate certificate =
        ApplicationCertificate.of(directory.resolve("data"), "contoso.com");
    certificate.prepare(Clock.systemUTC());

    assertThat(signIn(Map.of(Interview.TENANT, "contoso.com", Interview.APPLICATION_ID, ID)))
        .extracting(Choices.SignIn::certificate, Choices.SignIn::clientSecretFile)
        .containsExactly(certificate, null);
  }

  /** The script that registers the application makes the ID. */
  @Test
  void needsNoApplicationIdWithoutATerminal() throws Exception {
    Choices.SignIn signIn =
        signIn(Map.of(Interview.TENANT, "contoso.onmicrosoft.us", TenantSetup.CLOUD, "gcc-high"));

    assertThat(signIn).isNotNull();
    assertThat(signIn.isPending()).isTrue();
    assertThat(signIn.cloud()).isEqualTo(Cloud.GCC_HIGH);
    assertThat(signIn.certificate()).as("made with the configuration").isNotNull();
    assertThat(directory.resolve("data")).doesNotExist();
    assertThat(signIn.scripted()).isFalse();
  }

  /** The whole line of the script has the object ID too. */
  @Test
  void readsTheLineOfIdsWithoutATerminal() throws Exception {
    ApplicationCertificate.of(directory.resolve("data"), "contoso.com").prepare(Clock.systemUTC());
    String line = "72f988bf-86f1-41af-91ab-2d7cd011db47 " + ID + " ";

    assertThat(
            signIn(
                Map.of(
                    Interview.TENANT,
                    "contoso.com",
                    Interview.APPLICATION_ID,
                    line + "66666666-7777-8888-9999-000000000000 " + OBJECT)))
        .extracting(Choices.SignIn::applicationId, Choices.SignIn::applicationObjectId)
        .containsExactly(ID, OBJECT);
  }

  @Test
  void keepsTheCloudOfAnApplicationThatExists() throws Exception {
    assertThat(
            signIn(
                Map.of(
                    Interview.TENANT,
                    "contoso.onmicrosoft.us",
                    Interview.APPLICATION_ID,
                    ID,
                    Interview.FLOW,
                    "device-code",
                    TenantSetup.CLOUD,
                    "dod")))
        .extracting(Choices.SignIn::cloud, Choices.SignIn::applicationId)
        .containsExactly(Cloud.DOD, ID);
  }

  /** The mail servers of the tenant's cloud are needed without a sign-in, too. */
  @Test
  void keepsTheCloudWithoutASignIn() throws Exception {
    assertThat(
            interview(
                    Map.of(
                        Interview.CONFIG,
                        file(),
                        Interview.WAYS,
                        "scan-to-mail",
                        TenantSetup.CLOUD,
                        "china"),
                    null)
                .choose()
                .cloud())
        .isEqualTo(Cloud.CHINA);
  }

  /** The sign-in that these options choose without a terminal. */
  private Choices.@Nullable SignIn signIn(Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>(more);
    options.putAll(Map.of(Interview.CONFIG, file(), Interview.WAYS, "sign-in"));
    return interview(options, null).choose().signIn();
  }

  @Test
  void doesNotAskForValuesOfOptions() throws Exception {
    ScriptedTerminal terminal = new ScriptedTerminal("", "");
    Map<String, String> options =
        Map.of(Interview.CONFIG, file(), Interview.WAYS, "socks,transparent");

    Choices choices = interview(options, terminal).choose();

    assertThat(choices.ways()).containsExactlyInAnyOrder(WayIn.SOCKS, WayIn.TRANSPARENT);
    assertThat(terminal.lines()).isEmpty();
  }

  @Test
  void usesOptionsAndProposalsWithoutATerminal() throws Exception {
    Choices choices =
        interview(
                Map.of(
                    Interview.CONFIG, file(),
                    Interview.WAYS, "antique",
                    Interview.ANTIQUE_DEVICES, "10.1.2.3"),
                null)
            .choose();
    assertThat(choices.names()).containsExactly("uplift", "192.168.1.5");
    assertThat(choices.antique())
        .isEqualTo(
            new Choices.Antique(List.of(Cidr.parse("10.1.2.3")), LocalDate.parse("2027-05-26")));
  }

  @Test
  void namesTheMissingOrWrongOption() throws Exception {
    refused("--tenant: got nothing; expected the tenant's ID", Interview.WAYS, "sign-in");
    refused(
        "--antique-until: got '2026-11-26'; expected a future day, such as 2027-05-26; that day"
            + " has passed",
        Interview.WAYS,
        "antique",
        Interview.ANTIQUE_DEVICES,
        "10.1.2.3",
        Interview.ANTIQUE_UNTIL,
        "2026-11-26");
    refused("--mx-host: got nothing; expected the host", Interview.WAYS, "direct-send");
    refused(
        "--allowed-senders: got nothing; expected mail addresses",
        Interview.WAYS,
        "direct-send",
        Interview.MX_HOST,
        "contoso-com.mail.protection.outlook.com");
    refused("--names: got ' , '; expected names", Interview.NAMES, " , ");
    refused(
        "--client-secret-file: got '" + directory.resolve("none"),
        Interview.WAYS,
        "sign-in",
        Interview.TENANT,
        "contoso.com",
        Interview.APPLICATION_ID,
        ID,
        Interview.FLOW,
        "application",
        Interview.CLIENT_SECRET_FILE,
        directory.resolve("none").toString());
    refused(
        "--data: got '" + Files.createFile(directory.resolve("x")),
        Interview.DATA,
        directory.resolve("x").toString());
  }

  @Test
  void overwritesNothingUnlessAskedTo() throws Exception {
    Files.createFile(Path.of(file()));
    refused(
        "expected a file that does not exist yet; give another file, or --force, which keeps a copy");
    assertThat(
            new Interview(Map.of(Interview.CONFIG, file()), null, true, List.of("uplift"), TODAY)
                .choose()
                .config())
        .isEqualTo(Path.of(file()));
  }

  @Test
  void stopsAtTheEndOfTheInput() {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> interview(Map.of(), new ScriptedTerminal(file())).choose())
        .withMessageContaining("--data: got the end of the input");
  }

  @Test
  void makesAUserOfThePagesAtATerminal() throws Exception {
    ScriptedTerminal terminal = new ScriptedTerminal(file(), "", "", "proxy", "two words", "");
    Interview interview = new Interview(Map.of(), terminal, false, List.of("uplift"), TODAY);
    assertThat(interview.choose().administrator()).isEqualTo("admin");
    assertThat(terminal.prompts())
        .last()
        .isEqualTo(
            "Which user may change things on the web pages? The password is made for you [admin]: ");
    assertThat(terminal.lines())
        .last()
        .asString()
        .startsWith("--admin-user: got 'two words'; expected 1 to 64 visible ASCII characters");

    Map<String, String> alone = Map.of(Interview.CONFIG, file());
    assertThat(new Interview(alone, null, false, List.of("uplift"), TODAY).choose().administrator())
        .as("nobody reads the password")
        .isNull();
    Map<String, String> named = Map.of(Interview.CONFIG, file(), Interview.ADMIN_USER, "boss");
    assertThat(interview(named, null).choose().administrator()).isEqualTo("boss");
  }

  private void refused(String message, String... options) {
    Map<String, String> given = new HashMap<>(Map.of(Interview.CONFIG, file()));
    for (int i = 0; i < options.length; i += 2) {
      given.put(options[i], options[i + 1]);
    }
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> interview(given, null).choose())
        .withMessageContaining(message);
  }

  private String file() {
    return directory.resolve("tls-uplift.yaml").toString();
  }

  /** Without a user of the pages, unless an option names one. */
  private static Interview interview(Map<String, String> options, @Nullable Terminal terminal) {
    Map<String, String> given = new HashMap<>(options);
    given.putIfAbsent(Interview.ADMIN_USER, "none");
    return new Interview(given, terminal, false, List.of("uplift", "192.168.1.5"), TODAY);
  }
}
