package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.Action;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.init.TenantForm;

/** The pages that connect a tenant, without a network. */
class ConnectPagesTest {
  private static final String SUBMISSION =
      """
      routes: [{to: [microsoft365], action: bridge}]
      listeners:
        - name: submission
          bind: 127.0.0.1:0
          accept: fixed
          origin: smtp.office365.com:587
          protocol: smtp
          profile: legacy
      """;
  private static final String TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
  private static final String APPLICATION = "11111111-2222-3333-4444-555555555555";
  private static final String IDS =
      TENANT
          + " "
          + APPLICATION
          + " 66666666-7777-8888-9999-000000000000 44444444-3333-2222-1111-000000000000";
  private static final String SETUP = "tls-uplift-tenant-setup.ps1";
  private static final Map<String, String> ANSWERS =
      Map.of(
          "tenant",
          TENANT,
          "mailboxes",
          "scanner@contoso.com",
          "protocols",
          "smtp,imap",
          "flow",
          "application",
          "cloud",
          "worldwide");

  @TempDir Path directory;
  private final List<String> reloads = new ArrayList<>();
  private final CountDownLatch hurry = new CountDownLatch(1);
  private List<String> problems = List.of();
  private TenantSources.State state = TenantSources.State.NONE;
  private Path config;
  private Pages pages;

  @BeforeEach
  void configure() throws Exception {
    config = Files.writeString(directory.resolve("tls-uplift.yaml"), ConfigLoader.defaultText());
    pages = pages(Optional.of(config), mailbox -> steps -> {});
  }

  private Pages pages(Optional<Path> file, TenantSources.Check check) {
    return PagesRig.acting(
        new ReloadControl() {
          @Override
          public Result preview() {
            return new Result(List.of(), problems);
          }

          @Override
          public Result reload(String trigger) {
            reloads.add(trigger);
            return new Result(List.of("signIn"), problems);
          }
        },
        new TenantSources(
            data(),
            file,
            check,
            hurry::countDown,
            new Steps(Clock.systemUTC(), Duration.ofMinutes(10)),
            () -> state));
  }

  private Path data() {
    return directory.resolve("data");
  }

  @Test
  void beginsWithTheTenant() throws Exception {
    assertThat(text("/connect", Map.of()))
        .contains("Make the scripts", "never leaves this machine")
        .doesNotContain("2. The script", "3. The IDs", "role=\"alert\"");
    assertThat(get("/connect/" + SETUP, Map.of()).status()).isEqualTo(404);
    assertThat(get("/connect/" + SETUP, ANSWERS).status()).as("no certificate yet").isEqualTo(404);
    assertThat(data()).doesNotExist();
  }

  @Test
  void keepsWhatWasTypedAndNamesTheFieldThatIsWrong() throws Exception {
    Action.Done done =
        post(
            "/connect/prepare",
            with(
                Map.of("tenant", "common", "mailboxes", "a@contoso.com, <b>", "name", "Old ones")));

    assertThat(done.response().status()).isEqualTo(400);
    assertThat(done.change().result()).isEqualTo(Change.Result.REFUSED);
    assertThat(PagesRig.text(done.response()))
        .contains("value=\"common\"", "a@contoso.com, &lt;b&gt;", "value=\"Old ones\"")
        .contains("<option value=\"smtp,imap\" selected>")
        .containsPattern(
            "id=\"tenant-problem\" role=\"alert\"><bdi>got 'common'; expected the tenant")
        .containsPattern("id=\"mailboxes-problem\" role=\"alert\"><bdi>got ")
        .doesNotContain("id=\"name-problem\"", "2. The script", "--tenant", "--mailboxes");
    assertThat(data()).doesNotExist();
  }

  @Test
  void refusesANameThatChangesTheDirectionOfText() throws Exception {
    Action.Done done =
        post("/connect/prepare", with(Map.of("tenant", TENANT, "name", "TLS \u202eUplift")));

    assertThat(done.response().status()).isEqualTo(400);
    assertThat(PagesRig.text(done.response()))
        .containsPattern(
            "id=\"name-problem\" role=\"alert\"><bdi>got 'TLS \\?Uplift'.*remove the hidden character U\\+202E");
    assertThat(data()).doesNotExist();
  }

  @Test
  void writesTheFilesOfTheLongestTenantThatTheFormAllows() throws Exception {
    int most =
        pages.actions().stream()
            .filter(each -> each.path().equals("/connect/prepare"))
            .flatMap(each -> each.fields().stream())
            .filter(field -> field.name().equals("tenant"))
            .findFirst()
            .orElseThrow()
            .maxLength();
    String tenant = "a".repeat(50) + ".a".repeat((most - 50) / 2);

    assertThat(post("/connect/prepare", with(Map.of("tenant", tenant))).change().result())
        .isEqualTo(Change.Result.DONE);
  }

  @Test
  void showsTheScriptsWithTheCertificateAndWithoutItsKey() throws Exception {
    Action.Done done = post("/connect/prepare", ANSWERS);

    assertThat(done.page()).startsWith("/connect?").contains("tenant=" + TENANT);
    ApplicationCertificate files = ApplicationCertificate.of(data(), TENANT);
    String key = Files.readAllLines(files.key()).get(1);
    String page = text("/connect", ANSWERS);
    assertThat(page)
        .contains("2. The script", "3. The IDs", "/connect/" + SETUP + "?", files.key().toString())
        .contains("/connect/tls-uplift-tenant-remove.ps1?")
        .doesNotContain(key, "PRIVATE KEY");
    assertThat(page).contains(done.change().after().replace("certificate ", ""));
    Response script = get("/connect/" + SETUP, ANSWERS);
    assertThat(script.headers())
        .containsEntry("Content-Disposition", "attachment; filename=\"" + SETUP + "\"");
    assertThat(PagesRig.text(script))
        .startsWith("\uFEFF<#")
        .contains("$Mailboxes = @('scanner@contoso.com')", "$Protocols = @('smtp', 'imap')")
        .doesNotContain(key, "PRIVATE");

    String sha256 = Digests.sha256(PagesRig.text(script)).toUpperCase(Locale.ROOT);
    assertThat(page)
        .as("the hash of the download")
        .contains(sha256, sha256.substring(0, 24).replaceAll("....(?=.)", "$0 ") + "</code>");

    byte[] first = Files.readAllBytes(files.certificate());
    post("/connect/prepare", ANSWERS);
    assertThat(files.certificate()).hasBinaryContent(first);
  }

  /** 400 addresses do not fit into the address of a page. */
  @Test
  void takesTheMailboxesOfATableAndKeepsThem() throws Exception {
    StringBuilder table = new StringBuilder("\uFEFFName;Mailbox\r\n");
    for (int i = 1; i <= 400; i++) {
      table.append("Printer ").append(i).append(";scan").append(i).append("@contoso.com\r\n");
    }
    table.append("Printer 1 again;scan1@contoso.com\r\n\r\n");

    Action.Done done = post("/connect/prepare", with(Map.of("file", table.toString())));

    assertThat(done.page()).doesNotContain("contoso.com");
    Map<String, String> tenant = Map.of("tenant", TENANT);
    assertThat(PagesRig.text(get("/connect/" + SETUP, tenant)))
        .contains("$Mailboxes = @('scan1@contoso.com', 'scan2@", "'scan400@contoso.com')");
    assertThat(text("/connect", tenant))
        .contains("of the latest table (400)", "scan399@contoso.com\nscan400@contoso.com</code>");
    state = new TenantSources.State(List.of(TENANT), tenant, true, null, "", null, "", "");
    assertThat(text("/connect", Map.of())).contains("of the latest table (400)");
    assertThat(text("/connect", Map.of("tenant", "../x"))).doesNotContain("of the latest table");

    assertThat(PagesRig.text(get("/connect/" + SETUP, ANSWERS)))
        .as("named on the page")
        .contains("$Mailboxes = @('scanner@contoso.com')");
    post("/connect/prepare", with(Map.of("csv", "a@contoso.com\nb@contoso.com, \n")));
    assertThat(text("/connect", tenant)).contains("of the latest table (2)");
    assertThat(post("/connect/prepare", tenant).page()).startsWith("/connect?");
    assertThat(text("/connect", tenant)).contains("of the latest table (2)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          name,mailbox/Flur,a@contoso.com/Hall,b@contoso | line 3: got 'b@contoso'; expected a mail address
          mailbox;name/;Hall                             | line 2: got ''; expected
          a@contoso.com/b@contoso.com;c@contoso.com      | line 2: got 'b@contoso.com;c@contoso.com'
          a@contoso.com;x/b@contoso.com                  | line 1: got 'a@contoso.com; x'
          a@contoso.com/b@contoso.com,c@contoso.com      | line 2: got 'b@contoso.com; ...'
          Email/a@contoso.com                            | line 1: got 'email'
          mailbox                                        | got 0 mailboxes; expected 1 to 1000
          mailbox/=cmd()                                 | line 2: got '=cmd()'
          /                                              | the table is empty
          """)
  void namesTheLineOfATableThatIsWrong(String table, String problem) throws Exception {
    Action.Done done =
        post(
            "/connect/prepare", with(Map.of("csv", table.replace('/', '\n'), "protocols", "pop3")));

    assertThat(done.response().status()).isEqualTo(400);
    assertThat(done.change().result()).isEqualTo(Change.Result.REFUSED);
    assertThat(PagesRig.text(done.response()))
        .containsIgnoringCase("id=\"file-problem\" role=\"alert\"><bdi>" + problem)
        .contains(table.split("/", -1)[0], "<option value=\"pop3\" selected>");
    assertThat(data()).doesNotExist();
  }

  @Test
  void refusesATableThatIsTooLarge() throws Exception {
    for (String table : List.of("a".repeat(250_000), "mailbox" + "\na@contoso.com".repeat(1001))) {
      assertThat(post("/connect/prepare", with(Map.of("csv", table))).response().status())
          .isEqualTo(400);
    }
  }

  @Test
  void usersWhoSignInNeedNoCertificate() throws Exception {
    Map<String, String> users = with(Map.of("flow", "device-code"));
    assertThat(post("/connect/prepare", users).change().after())
        .isEqualTo("certificate none: users sign in");
    assertThat(data()).doesNotExist();
    assertThat(text("/connect", users)).contains("2. The script").doesNotContain("fingerprint");
  }

  @Test
  void writesTheConfigurationAfterAPreviewAndReloadsIt() throws Exception {
    post("/connect/prepare", ANSWERS);
    String before = Files.readString(config);
    assertThat(text("/connect", with(Map.of("ids", "later"))))
        .containsPattern("id=\"ids-problem\" role=\"alert\"><bdi>expected the line with the IDs")
        .contains("value=\"later\"")
        .doesNotContain("Write the configuration");

    Map<String, String> known = with(Map.of("ids", IDS));
    String preview = text("/connect", known);
    assertThat(preview)
        .contains("applicationId: '" + APPLICATION + "'", config.toString())
        .contains("applicationObjectId: '44444444-3333-2222-1111-000000000000'")
        .contains("No listener has", "Write the configuration and reload");
    assertThat(Files.readString(config)).isEqualTo(before);

    Action.Done done = post("/connect/write", seen(known, preview));

    assertThat(done.response()).isNull();
    assertThat(done.page()).isEqualTo("/connect/check");
    assertThat(done.notice()).contains("is written and in use", "No listener has");
    assertThat(Files.readString(config)).startsWith(before).contains(APPLICATION, "signIn:");
    assertThat(reloads).containsExactly("boss at the admin port");
    assertThat(ConfigLoader.load(config).config().signIn()).isNotNull();
    assertThat(text("/connect", known)).contains("has a section 'signIn' already");
  }

  @Test
  void letsDevicesSignInOnTheListenersThatWereChosen() throws Exception {
    Files.writeString(config, SUBMISSION);
    post("/connect/prepare", ANSWERS);
    Map<String, String> known = with(Map.of("ids", IDS, "listeners", "submission"));
    String preview = text("/connect", known);
    assertThat(preview)
        .contains(
            "<option value=\"submission\" selected>", "get <code>signIn: true</code>: submission")
        .doesNotContain("No listener has");

    Action.Done done = post("/connect/write", seen(known, preview));

    assertThat(done.page()).isEqualTo("/connect/check");
    assertThat(ConfigLoader.load(config).config().listeners().get(0).signIn()).isTrue();
    assertThat(done.change().after()).isEqualTo("section signIn; signIn: true on submission");
    assertThat(text("/connect", ANSWERS)).doesNotContain("name=\"listeners\"");
  }

  /** The configuration can be loaded, but no device could send. */
  @Test
  void warnsOfAListenerThatLeadsToAnotherCloud() throws Exception {
    Files.writeString(config, SUBMISSION);
    Map<String, String> known =
        with(Map.of("cloud", "gcc-high", "ids", IDS, "listeners", "submission"));
    post("/connect/prepare", known);

    assertThat(text("/connect", known))
        .contains(
            "goes to smtp.office365.com:587; set an origin of the cloud 'gcc-high', such as smtp.office365.us:587",
            "write 'microsoft365: {cloud: gcc-high}'");
  }

  /** Otherwise the sign-in would follow the cloud of the routes. */
  @Test
  void writesTheCloudOfTheTenantIfItIsNotThatOfTheRoutes() throws Exception {
    post("/connect/prepare", ANSWERS);
    Map<String, String> known = with(Map.of("ids", IDS));
    assertThat(text("/connect", known)).doesNotContain("  cloud: worldwide");

    Files.writeString(
        config,
        """
        microsoft365: {cloud: dod}
        routes: [{to: [microsoft365], action: bridge}]
        listeners: [{name: web, bind: 127.0.0.1:0, accept: http-connect, profile: legacy}]
        """);
    assertThat(text("/connect", known)).contains("  cloud: worldwide");
  }

  @Test
  void showsFirstThatTheTenantIsConnectedAndTheLatestDailyCheck() throws Exception {
    assertThat(text("/connect", Map.of())).doesNotContain("state-title").contains("<details open>");

    state = state(false, "");
    assertThat(text("/connect", Map.of()))
        .containsSubsequence(
            "Connected: the check at 2026-12-03 00:12 UTC passed</h2>",
            "contoso.com",
            "Latest daily check at 2026-12-03 00:12 UTC: 2 of 2 mailboxes passed.",
            "<details>\n<summary><h2 id=\"tenant-title\"",
            "value=\"contoso.com\"");

    state = state(false, "Microsoft 365 no longer lets devices in as a@contoso.com, smtp: 535");
    assertThat(text("/connect", Map.of()))
        .containsSubsequence(
            "notice bad", "Access was lost</h2>", "a@contoso.com, smtp: 535", "Run it.");
    assertThat(text("/", Map.of()))
        .containsSubsequence(
            "What stops sessions or mail now",
            "a@contoso.com, smtp: 535",
            "Run it.",
            "href=\"/connect/check\"",
            "<h1");
  }

  /** Written IDs prove nothing; neither does an earlier check after one that failed. */
  @Test
  void headlineFollowsTheLatestCheck() throws Exception {
    Steps.Step token = Steps.Step.of(Steps.Tone.OK, "token", "from x");
    List<Steps.Step> steps = new ArrayList<>(List.of(Steps.Step.of(Steps.Tone.SKIPPED, "x", "")));
    pages = pages(Optional.of(config), mailbox -> out -> steps.forEach(out));
    assertThat(headline(null)).isEqualTo("The IDs are written, not checked yet");
    assertThat(headline(false))
        .isEqualTo("The last check at 2020-01-02 03:04 UTC failed: 2 of 2 mailboxes passed");

    assertThat(headlineAfterACheck(true)).isEqualTo("The IDs are written, not checked yet");
    steps.add(token);
    assertThat(headlineAfterACheck(false)).matches("Connected: the check at .* UTC passed");
    steps.add(Steps.Step.of(Steps.Tone.FAILED, "token", "no such application"));
    assertThat(headlineAfterACheck(true))
        .matches("The last check at .* UTC failed: token: no such application");
  }

  private String headlineAfterACheck(@Nullable Boolean passed) throws Exception {
    post("/connect/check/run", Map.of());
    await().until(() -> text("/connect/check", Map.of()).contains("It has ended."));
    return headline(passed);
  }

  private String headline(@Nullable Boolean passed) throws Exception {
    TenantSources.State daily = state(false, "");
    state =
        new TenantSources.State(
            daily.tenants(),
            daily.answers(),
            false,
            Instant.parse("2020-01-02T03:04:00Z"),
            daily.result(),
            passed,
            "",
            "");
    Matcher title =
        Pattern.compile("<h2 id=\"state-title\">(.*?)</h2>").matcher(text("/connect", Map.of()));
    assertThat(title.find()).isTrue();
    return title.group(1);
  }

  /** After 'tls-uplift init', before the administrator of the tenant has answered. */
  @Test
  void leadsToTheIdsWhileTheyAreMissing() throws Exception {
    state = state(true, "");
    ApplicationCertificate files = ApplicationCertificate.of(data(), "contoso.com");
    post("/connect/prepare", Map.of("tenant", "contoso.com"));
    String page = text("/connect", Map.of());
    assertThat(page).contains("Not connected yet", "<details open>").doesNotContain("daily check");
    Matcher link = Pattern.compile("href=\"(/connect\\?[^\"]*)#ids-title\"").matcher(page);
    assertThat(link.find()).isTrue();
    assertThat(link.group(1)).contains("tenant=contoso.com", "flow=application", "cloud=worldwide");
    assertThat(files.exists()).isTrue();
    assertThat(text("/connect", state.answers())).contains("id=\"ids-title\"");
  }

  @Test
  void showsTheCommandOfTheSecondPartWithTheIds() throws Exception {
    assertThat(post("/connect/prepare", ANSWERS).page()).endsWith("#script-title");
    assertThat(text("/connect", with(Map.of("ids", IDS))))
        .contains(
            "-Part Exchange -TenantId "
                + TENANT
                + " -ApplicationId "
                + APPLICATION
                + " -ObjectId 66666666-7777-8888-9999-000000000000 -Apply");
    assertThat(text("/connect", with(Map.of("ids", APPLICATION))))
        .contains("Write the configuration")
        .doesNotContain("The second part of the script with these IDs");
  }

  private static TenantSources.State state(boolean pending, String lost) {
    return new TenantSources.State(
        List.of("contoso.com"),
        Map.of("tenant", "contoso.com", "flow", "application", "cloud", "worldwide"),
        pending,
        Instant.parse("2026-12-03T00:12:00Z"),
        "2 of 2 mailboxes passed",
        true,
        lost,
        "run it");
  }

  /** A package lets the daemon write in its data directory alone. */
  @Test
  void showsTheCommandIfTheDaemonMayNotWriteTheFile() throws Exception {
    post("/connect/prepare", ANSWERS);
    Map<String, String> known = with(Map.of("ids", IDS, "listeners", "none"));
    assertThat(text("/connect", known)).doesNotContain("tls-uplift tenant setup --yes --write");
    assertThat(
            new TenantForm(known, data())
                .command("\u202e" + IDS + "\n", Path.of("/etc/it's/u.yaml")))
        .isEqualTo(
            "tls-uplift tenant setup --yes --write --config '/etc/it'\\''s/u.yaml' --tenant "
                + TENANT
                + " --flow application --cloud worldwide --listeners none --application-id '"
                + IDS
                + "'");
  }

  /** Two people at once: the second sees that the first has changed the file. */
  @Test
  void refusesToWriteAFileThatHasChangedSinceThePreview() throws Exception {
    post("/connect/prepare", ANSWERS);
    Map<String, String> known = with(Map.of("ids", IDS));
    Map<String, String> form = seen(known, text("/connect", known));
    String other = Files.readString(config) + "# another administrator\n";
    Files.writeString(config, other);

    Action.Done done = post("/connect/write", form);

    assertThat(done.response().status()).isEqualTo(409);
    String page = PagesRig.text(done.response());
    assertThat(page).contains("The configuration has changed meanwhile");
    assertThat(Files.readString(config)).isEqualTo(other);
    assertThat(reloads).isEmpty();

    assertThat(post("/connect/write", seen(known, page)).page()).isEqualTo("/connect/check");
    assertThat(Files.readString(config)).startsWith(other).contains(APPLICATION);
    Action.Done twice = post("/connect/write", seen(known, page));
    assertThat(PagesRig.text(twice.response())).contains("has a section 'signIn' already");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.filter(file -> file.toString().contains(".yaml."))).hasSize(1);
    }
  }

  @Test
  void explainsWhyTheDaemonDidNotReload() throws Exception {
    post("/connect/prepare", ANSWERS);
    Map<String, String> known = with(Map.of("ids", IDS));
    problems = List.of("listeners[0].bind: needs a restart");
    Action.Done done = post("/connect/write", seen(known, text("/connect", known)));
    assertThat(PagesRig.text(done.response()))
        .contains("Written, but not reloaded: listeners[0].bind: needs a restart");
    assertThat(done.change().result()).isEqualTo(Change.Result.REFUSED);
    assertThat(done.records())
        .as("the file has changed")
        .containsExactly(
            new Change(
                known.get("tenant"),
                "",
                "written, but not reloaded: listeners[0].bind: needs a restart",
                Change.Result.FAILED));
  }

  @Test
  void needsAFile() throws Exception {
    pages = pages(Optional.empty(), mailbox -> steps -> {});
    post("/connect/prepare", ANSWERS);
    assertThat(text("/connect", with(Map.of("ids", IDS))))
        .contains("the daemon runs with the built-in configuration", "tls-uplift init");
  }

  @Test
  void checkShowsItsSteps() throws Exception {
    List<Optional<String>> mailboxes = new ArrayList<>();
    pages =
        pages(
            Optional.of(config),
            mailbox -> {
              mailboxes.add(mailbox);
              return steps -> steps.accept(Steps.Step.of(Steps.Tone.OK, "token", "from x"));
            });
    assertThat(text("/connect/check", Map.of())).contains("Check the steps");

    assertThat(post("/connect/check/run", Map.of("mailbox", "a@contoso.com")).change().object())
        .isEqualTo("a@contoso.com");

    assertThat(mailboxes).containsExactly(Optional.of("a@contoso.com"));
    await().until(() -> text("/connect/check", Map.of()).contains("It has ended."));
    assertThat(text("/connect/check", Map.of())).contains("Check of a@contoso.com", "from x");
  }

  /** A check that waits for Microsoft's servers may have 25 rounds. */
  @Test
  void foldsTheEarlierRoundsOfACheck() throws Exception {
    Steps.Step waits = Steps.Step.of(Steps.Tone.WAIT, "wait", "checked again");
    pages =
        pages(
            Optional.of(config),
            mailbox ->
                steps ->
                    Stream.of(
                            Steps.Step.heading("a@contoso.com"),
                            Steps.Step.of(Steps.Tone.FAILED, "token", "old"),
                            waits,
                            Steps.Step.heading("a@contoso.com"),
                            Steps.Step.of(Steps.Tone.OK, "token", "new"),
                            Steps.Step.of(Steps.Tone.WAIT, "wait", "no change"),
                            Steps.Step.of(Steps.Tone.WAIT, "wait", "checked once more"))
                        .forEach(steps));
    post("/connect/check/run", Map.of());
    await().until(() -> text("/connect/check", Map.of()).contains("It has ended."));

    assertThat(text("/connect/check", Map.of()))
        .containsSubsequence(
            "Earlier results",
            "old",
            "checked again",
            "</details>",
            "a@contoso.com",
            "new",
            "checked once more")
        .doesNotContain("no change");
  }

  /** The administrator has corrected something meanwhile. */
  @Test
  void aCheckThatWaitsContinuesAtOnceIfItIsStartedAgain() throws Exception {
    pages = pages(Optional.of(config), mailbox -> steps -> hurry.await());
    post("/connect/check/run", Map.of());
    assertThat(text("/connect/check", Map.of())).contains("http-equiv=\"refresh\"");

    assertThat(post("/connect/check/run", Map.of()).notice()).contains("continues at once");
    await().until(() -> text("/connect/check", Map.of()).contains("It has ended."));
  }

  @Test
  void checkExplainsWhyThereIsNothingToCheck() {
    pages =
        pages(
            Optional.of(config),
            mailbox -> {
              throw new OperatorException("no tenant is connected yet");
            });
    assertThatExceptionOfType(BadRequestException.class)
        .isThrownBy(() -> post("/connect/check/run", Map.of()))
        .withMessage("no tenant is connected yet");
  }

  @Test
  void aViewerReadsWhichRoleIsNeeded() throws Exception {
    Visitor viewer = new Visitor("intern", Role.VIEWER, Visitor.By.SESSION, any -> "token");
    for (String path : List.of("/connect", "/connect/check")) {
      assertThat(PagesRig.text(answer(path, Map.of(), viewer)))
          .contains("This needs the role administrator; you have the role viewer.")
          .doesNotContain("<button");
    }
    assertThat(pages.actions())
        .filteredOn(action -> action.path().startsWith("/connect"))
        .hasSize(3)
        .allMatch(action -> action.role() == Role.ADMINISTRATOR);
  }

  private static Map<String, String> with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(ANSWERS);
    all.putAll(more);
    return all;
  }

  private static Map<String, String> seen(Map<String, String> answers, String page) {
    Matcher seen = Pattern.compile("name=\"seen\" value=\"([0-9a-f]{64})\"").matcher(page);
    assertThat(seen.find()).as(page).isTrue();
    Map<String, String> all = new HashMap<>(answers);
    all.put("seen", seen.group(1));
    return all;
  }

  private String text(String path, Map<String, String> query) throws Exception {
    return PagesRig.text(get(path, query));
  }

  private Response get(String path, Map<String, String> query) throws Exception {
    return answer(
        path, query, new Visitor("boss", Role.ADMINISTRATOR, Visitor.By.SESSION, any -> "token"));
  }

  private Response answer(String path, Map<String, String> query, Visitor visitor)
      throws Exception {
    ResourcePath found =
        pages.routes().stream()
            .filter(route -> route.pattern().equals(path))
            .findFirst()
            .orElseThrow();
    return found.resource().answer(request(path, query, visitor));
  }

  private Action.Done post(String path, Map<String, String> form) throws Exception {
    Action action =
        pages.actions().stream().filter(each -> each.path().equals(path)).findFirst().orElseThrow();
    return action
        .work()
        .act(
            request(
                path,
                form,
                new Visitor("boss", Role.ADMINISTRATOR, Visitor.By.SESSION, any -> "token")));
  }

  private static Request request(String path, Map<String, String> fields, Visitor visitor) {
    Map<String, List<String>> all = new HashMap<>();
    fields.forEach((name, value) -> all.put(name, List.of(value)));
    return new Request(path, "", all, Map.of(), visitor);
  }
}
