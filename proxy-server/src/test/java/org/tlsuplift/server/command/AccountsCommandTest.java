package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** Accounts from the command line. */
class AccountsCommandTest {
  private static final Pattern CODE = Pattern.compile("enter the code (\\S+) within");
  private static final Pattern ADDRESS = Pattern.compile("\n(https://\\S+/authorize\\S+)\n");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final InputStream input = System.in;
  private Path config = Path.of("");
  private Path accounts = Path.of("");

  @BeforeEach
  void configure() throws IOException {
    accounts = directory.resolve("accounts.yaml");
    config = write("flow: device-code", "https://login.microsoftonline.com", "");
  }

  @AfterEach
  void restore() {
    System.setIn(input);
  }

  @Test
  void anAccountIsAddedListedCheckedAndRemoved() throws IOException {
    CommandRun added =
        typing(
            "Pa55word\n",
            "accounts",
            "add",
            "--config",
            config.toString(),
            "Scanner",
            "--mailbox",
            "scanner@contoso.example",
            "--device",
            "10.1.2.0/24",
            "--allowed-sender",
            "@contoso.example",
            "--password-stdin");
    assertThat(added.err()).isEmpty();
    assertThat(added.out()).isEqualTo("added; there is 1 account in %s\n".formatted(accounts));
    assertThat(Files.readString(accounts)).contains("$argon2id$").doesNotContain("Pa55word");

    CommandRun lab =
        CommandRun.of(
            "accounts",
            "add",
            "-c",
            config.toString(),
            "-m",
            "lab@contoso.example",
            "-d",
            "10.9.0.0/16");
    assertThat(lab.exit()).isZero();
    assertThat(lab.out()).startsWith("added; there are 2 accounts in ");

    CommandRun list = CommandRun.of("accounts", "list", "-c", config.toString());
    assertThat(list.out())
        .contains("scanner  ", "10.1.2.0/24", "@contoso.example", "(none)", "(not signed in)")
        .doesNotContain("argon2");

    assertThat(CommandRun.of("check", "-c", config.toString()).out())
        .contains(
            "sign-in: 2 accounts for 2 mailboxes, application 11111111-2222-3333-4444-555555555555 at https://login.microsoftonline.com/contoso.example/, users sign in by device code",
            "no user has signed in for lab@contoso.example; run: tls-uplift accounts sign-in lab");

    assertThat(CommandRun.of("accounts", "remove", "-c", config.toString(), "SCANNER").exit())
        .isZero();
    assertThat(
            CommandRun.of("accounts", "remove", "-c", config.toString(), "lab@contoso.example")
                .out())
        .isEqualTo("removed; there is none in %s\n".formatted(accounts));
    CommandRun none = CommandRun.of("accounts", "remove", "-c", config.toString(), "scanner");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("no account in " + accounts + " has the login 'scanner'");
  }

  @Test
  void aDisabledAccountIsListedAndNeedsNoSignIn() throws IOException {
    CommandRun.of(
        "accounts",
        "add",
        "-c",
        config.toString(),
        "-m",
        "lab@contoso.example",
        "-d",
        "10.9.0.0/16");
    Files.writeString(accounts, "    disabled: true\n", StandardOpenOption.APPEND);
    assertThat(CommandRun.of("accounts", "list", "-c", config.toString()).out())
        .contains("lab@contoso.example (disabled)");
    CommandRun check = CommandRun.of("check", "-c", config.toString());
    assertThat(check.out())
        .contains("sign-in: 1 accounts")
        .doesNotContain("no user has signed in for lab@contoso.example");
  }

  @Test
  void anAccountCanHaveAPasswordForItsOrigin() throws IOException {
    Path file = directory.resolve("relay.password");
    CommandRun added = addWithPassword("scanner", file);
    assertThat(added.err()).isEmpty();
    assertThat(added.out())
        .isEqualTo(
            "created %s; the daemon's user must be able to read it\nadded; there is 1 account in %s\n"
                .formatted(file, accounts));
    assertThat(Files.readString(file)).isEqualTo("long secret\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(accounts)).doesNotContain("long secret", "Pa55word");

    assertThat(CommandRun.of("accounts", "list", "-c", config.toString()).out())
        .contains("password of relay at smtp.office365.com:587", "what the origin allows")
        .doesNotContain("not signed in", "long secret");
    assertThat(CommandRun.of("check", "-c", config.toString()).out())
        .contains("sign-in with passwords: 1 accounts, at smtp.office365.com:587");

    Path other = directory.resolve("other.password");
    assertThat(addWithPassword("Scanner", other).err()).contains("a unique login");
    assertThat(other).as("the file of an account that was not added").doesNotExist();
    assertThat(
            CommandRun.of(
                    "accounts",
                    "add",
                    "-c",
                    config.toString(),
                    "-m",
                    "a@b.example",
                    "-d",
                    "10.0.0.0/8",
                    "--upstream-user",
                    "relay")
                .err())
        .isEqualTo("give --upstream-origin and --upstream-password-file together\n");
  }

  private CommandRun addWithPassword(String login, Path file) {
    return typing(
        "Pa55word\nlong secret\n",
        "accounts",
        "add",
        "-c",
        config.toString(),
        login,
        "-m",
        "scanner@contoso.example",
        "--upstream-origin",
        "smtp.office365.com:587",
        "--upstream-user",
        "relay",
        "--upstream-password-file",
        file.toString(),
        "--password-stdin");
  }

  @Test
  void reportsAnErrorInOneLine() {
    CommandRun wrong =
        CommandRun.of(
            "accounts", "add", "-c", config.toString(), "-m", "scanner", "-d", "10.0.0.0/8");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("--mailbox: got 'scanner'; expected a mail address")
        .hasLineCount(1);
    assertThat(CommandRun.of("accounts", "list").err()).contains("has no section 'signIn'");
    assertThat(accounts).doesNotExist();
  }

  @Test
  void aHashIsPrintedAndNothingElse() {
    CommandRun hash = typing("Pa55word\n", "accounts", "hash", "--password-stdin");
    assertThat(PasswordHash.parse(hash.out().strip()).matches("Pa55word".toCharArray())).isTrue();
    assertThat(typing("\n", "accounts", "hash", "--password-stdin").exit()).isEqualTo(1);
    assertThat(typing("short\n", "accounts", "hash", "--password-stdin").err())
        .startsWith("the password has 5 characters; 8 or more are required");
    assertThat(typing("", "accounts", "hash", "--password-stdin").err())
        .contains("standard input has no password");
  }

  @Test
  void aUserSignsInForAMailbox() throws Exception {
    try (IdentityPlatform platform = IdentityPlatform.start()) {
      AppRegistration app = platform.register();
      config =
          write(
              "flow: device-code",
              platform.url(),
              "upstream: {trust: %s}\n".formatted(platform.certificateFile()),
              platform.tenant(),
              app.id());
      StringWriter out = new StringWriter();
      CompletableFuture<Integer> exit =
          CompletableFuture.supplyAsync(
              () ->
                  UpliftCommand.line(new NoStop())
                      .setOut(new PrintWriter(out, true))
                      .execute("accounts", "sign-in", "-c", config.toString(), "Lab@corp.example"));
      await().until(() -> CODE.matcher(out.toString()).find());
      Matcher code = CODE.matcher(out.toString());
      assertThat(code.find()).isTrue();
      platform.approve(code.group(1), "lab@corp.example");
      assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
      assertThat(out.toString()).contains("lab@corp.example has signed in for Lab@corp.example");
      Path data = directory.resolve("data");
      assertThat(data.resolve("sign-in")).isNotEmptyDirectory();
      List<AuditRecord> records = new ArrayList<>();
      new AuditJournal(data).drain(records::addAll);
      assertThat(records)
          .extracting(AuditRecord::action, AuditRecord::object, AuditRecord::after)
          .containsExactly(
              tuple("accounts.sign-in", "Lab@corp.example", "lab@corp.example has signed in"));
    }
  }

  @Test
  void aUserSignsInByTheRedirectOfABrowser() throws Exception {
    signsInWithoutACode(
        (platform, address) -> {
          String redirect = platform.signIn(address, "lab@corp.example");
          assertThat(
                  HttpClient.newHttpClient()
                      .send(
                          HttpRequest.newBuilder(URI.create(redirect)).build(),
                          HttpResponse.BodyHandlers.ofString())
                      .statusCode())
              .isEqualTo(200);
          return "";
        },
        "lab@corp.example has signed in for Lab@corp.example\n");
  }

  @Test
  void aUserSignsInByAPastedAddress() throws Exception {
    signsInWithoutACode(
        (platform, address) -> platform.signIn(address, "admin@corp.example") + "\n",
        "admin@corp.example has signed in for Lab@corp.example\nshare the mailbox with admin@corp.example: 'Full access' and 'Send as' are required\n");
  }

  /** What a user does with an address: returns what is pasted. */
  private interface User {
    String open(IdentityPlatform platform, String address) throws Exception;
  }

  private void signsInWithoutACode(User user, String end) throws Exception {
    try (IdentityPlatform platform = IdentityPlatform.start();
        PipedOutputStream keyboard = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(keyboard, 16_384)) {
      AppRegistration app = platform.register();
      config =
          write(
              "flow: device-code",
              platform.url(),
              "upstream: {trust: %s}\n".formatted(platform.certificateFile()),
              platform.tenant(),
              app.id());
      System.setIn(typed);
      StringWriter out = new StringWriter();
      CompletableFuture<Integer> exit =
          AtOnce.supply(
              () ->
                  UpliftCommand.line(new NoStop())
                      .setOut(new PrintWriter(out, true))
                      .execute(
                          "accounts",
                          "sign-in",
                          "--browser",
                          "-c",
                          config.toString(),
                          "Lab@corp.example"));
      await().until(() -> exit.isDone() || out.toString().contains("paste it here"));
      Matcher address = ADDRESS.matcher(out.toString());
      assertThat(address.find()).as(out.toString()).isTrue();
      keyboard.write(user.open(platform, address.group(1)).getBytes(StandardCharsets.UTF_8));
      keyboard.flush();
      assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
      assertThat(out.toString()).endsWith(end);
      assertThat(platform.issued()).isNotEmpty().noneMatch(out.toString()::contains);
      assertThat(directory.resolve("data").resolve("sign-in")).isNotEmptyDirectory();
    }
  }

  @Test
  void anUnreachableDatabaseIsReportedInOneLine() throws Exception {
    Path key = Files.write(directory.resolve("shared.key"), new byte[32]);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    // Nothing listens at this port.
    String url = "jdbc:postgresql://127.0.0.1:1/uplift";
    config =
        write(
            "flow: device-code",
            "https://login.microsoftonline.com",
            "database: {url: '%s', keyFile: '%s'}\n".formatted(url, key));
    Files.writeString(
        accounts, "accounts: [{devices: [10.1.2.0/24], mailbox: scanner@contoso.example}]\n");
    // Newer JDKs have a word more.
    String away =
        Pattern.quote("the database with the tokens does not respond: " + url)
            + ": Connection refused( \\(connect failed\\))?; check 'database'\n";

    CommandRun list = CommandRun.of("accounts", "list", "-c", config.toString());
    assertThat(list.out())
        .contains("scanner@contoso.example (sign-in unknown)")
        .containsPattern("\nnote: " + away + "$");
    CommandRun signIn =
        CommandRun.of("accounts", "sign-in", "-c", config.toString(), "scanner@contoso.example");
    assertThat(signIn.exit()).isEqualTo(1);
    assertThat(signIn.err()).matches(away);

    assertThat(CommandRun.of("accounts", "share", "-c", config.toString()).err())
        .startsWith("signIn.shareAccounts is not set in " + config);
    Files.writeString(
        config, Files.readString(config).replace("signIn:\n", "signIn:\n  shareAccounts: true\n"));
    CommandRun share = CommandRun.of("accounts", "share", "-c", config.toString());
    assertThat(share.exit()).isEqualTo(1);
    assertThat(share.err()).matches(away);
  }

  /** Nobody stops what is no daemon. */
  private static final class NoStop implements StopSignal {
    @Override
    public void arm() {}

    @Override
    public void endWithin(Supplier<Duration> longest) {}

    @Override
    public void onReload(Runnable reload) {}

    @Override
    public String await() {
      throw new IllegalStateException("no daemon is meant to run here");
    }
  }

  private Path write(String flow, String authority, String more, String... ids) throws IOException {
    Path file = directory.resolve("config.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: %s
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true}
        %ssignIn:
          tenant: %s
          applicationId: %s
          %s
          authority: %s
          accountsFile: %s
        """
            .formatted(
                directory.resolve("data"),
                more,
                ids.length == 0 ? "contoso.example" : ids[0],
                ids.length == 0 ? "11111111-2222-3333-4444-555555555555" : ids[1],
                flow,
                authority,
                accounts));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static CommandRun typing(String text, String... arguments) {
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    return CommandRun.of(arguments);
  }

  @Test
  void recordsAddedAndRemovedAccountsWithoutTheirPasswords() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    CommandRun added =
        typing(
            "Pa55word\n",
            "accounts",
            "add",
            "-c",
            config.toString(),
            "scanner",
            "-m",
            "scanner@contoso.example",
            "-d",
            "10.1.2.0/24",
            "-s",
            "@contoso.example",
            "--password-stdin");
    assertThat(added.err()).isEmpty();
    assertThat(CommandRun.of("accounts", "remove", "-c", config.toString(), "scanner").exit())
        .isZero();
    List<AuditRecord> records = new ArrayList<>();
    new AuditJournal(data).drain(records::addAll);
    assertThat(records)
        .extracting(
            AuditRecord::action, AuditRecord::object, AuditRecord::before, AuditRecord::after)
        .containsExactly(
            tuple(
                "accounts.add",
                "scanner",
                "",
                "mailbox scanner@contoso.example, networks 10.1.2.0/24, allowed-senders"
                    + " @contoso.example, disabled false (new password)"),
            tuple(
                "accounts.remove",
                "scanner",
                "mailbox scanner@contoso.example, networks 10.1.2.0/24, allowed-senders"
                    + " @contoso.example, disabled false",
                ""));
  }

  private CommandRun switched(String command, String... names) {
    List<String> arguments = new ArrayList<>(List.of("accounts", command, "-c", config.toString()));
    arguments.addAll(List.of(names));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void disablesAndEnablesAccountsAndRecordsEach() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.writeString(
        accounts,
        """
        accounts:
          # The scanner in the hall.
          - login: scanner
            passwordHash: '%s'
            mailbox: scanner@contoso.example
          - {devices: [10.9.0.0/16], mailbox: lab@contoso.example}
        """
            .formatted(PasswordHash.of("Pa55word".toCharArray()).encoded()));
    Files.setPosixFilePermissions(accounts, PosixFilePermissions.fromString("rw-------"));
    String before = Files.readString(accounts);

    CommandRun unknown = switched("disable", "scanner", "fax");
    assertThat(unknown.exit()).isEqualTo(1);
    assertThat(unknown.err()).contains("no account in " + accounts + " has the login 'fax'");
    assertThat(Files.readString(accounts)).as("nothing is changed").isEqualTo(before);
    assertThat(switched("disable").exit()).as("no name").isEqualTo(2);
    assertThat(switched("enable", "scanner").out())
        .isEqualTo("nothing has changed: already enabled\n");
    assertThat(Files.readString(accounts)).isEqualTo(before);

    CommandRun disabled = switched("disable", "SCANNER", "lab@contoso.example", "scanner");
    assertThat(disabled.err()).isEmpty();
    assertThat(disabled.out())
        .isEqualTo(
            """
            disabled: scanner, 10.9.0.0/16
            A running daemon reads the file within seconds. It refuses their devices and ends their open sessions.
            """);
    assertThat(Files.readString(accounts)).contains("# The scanner in the hall.", "$argon2id$");
    assertThat(CommandRun.of("accounts", "list", "-c", config.toString()).out())
        .contains("scanner@contoso.example (disabled)", "lab@contoso.example (disabled)");
    assertThat(switched("enable", "scanner").out())
        .isEqualTo(
            """
            enabled: scanner
            A running daemon reads the file within seconds. Then their devices can sign in again.
            """);
    assertThat(CommandRun.of("accounts", "list", "-c", config.toString()).out())
        .doesNotContain("scanner@contoso.example (disabled)");

    List<AuditRecord> records = new ArrayList<>();
    new AuditJournal(data).drain(records::addAll);
    String lab = "mailbox lab@contoso.example, networks 10.9.0.0/16, disabled ";
    String scanner = "mailbox scanner@contoso.example, disabled ";
    assertThat(records)
        .extracting(
            AuditRecord::action, AuditRecord::object, AuditRecord::before, AuditRecord::after)
        .containsExactly(
            tuple("accounts.change", "scanner", scanner + "false", scanner + "true"),
            tuple("accounts.change", "10.9.0.0/16", lab + "false", lab + "true"),
            tuple("accounts.change", "scanner", scanner + "true", scanner + "false"));
    assertThat(records).extracting(AuditRecord::part).containsExactly("1 of 2", "2 of 2", "");
  }

  @Test
  void doesNotDisableAnAccountOfTheConfigurationItself() throws IOException {
    Files.writeString(
        config,
        Files.readString(config)
            + "  accounts: [{devices: [10.9.0.0/16], mailbox: lab@contoso.example}]\n");
    assertThat(switched("disable", "lab@contoso.example").err())
        .contains("; it is in " + config + ": edit that file");
  }
}
