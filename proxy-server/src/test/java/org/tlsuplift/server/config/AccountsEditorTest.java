package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.microsoft365.Cloud;

/** The file of accounts, changed by a program and by hand. */
class AccountsEditorTest {
  private static final String HASH = "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static final SignInConfig NONE = signIn(List.of("contoso"));

  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("accounts.yaml");
  }

  @Test
  void makesTheFileForItsOwnerAlone() throws Exception {
    SignInConfig.Account scanner =
        AccountsReader.of(
                "Scanner 'A'",
                HASH,
                List.of("10.1.2.0/24", "fd00::/64"),
                "scanner@contoso.example",
                null,
                null,
                List.of("@Contoso.example"))
            .sendBy(SignInConfig.SendBy.AUTO);
    assertThat(add(editor(), scanner)).isEqualTo(new AccountsEditor.Changed(1, true));
    assertThat(AccountsFile.read(file, NONE)).containsExactly(scanner);
    for (Path each : List.of(file, file.resolveSibling(file.getFileName() + ".lock"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void makesTheDirectoryOfTheFileForItsOwnerAlone() throws Exception {
    Path data = file.resolveSibling("data");
    AccountsEditor editor = new AccountsEditor(data.resolve("accounts.yaml"), NONE);
    assertThat(add(editor, account("scanner")).accounts()).isOne();
    assertThat(Files.getPosixFilePermissions(data))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void keepsCommentsAndOtherEntries() throws Exception {
    write(
        """
        # Ours.
        accounts:
          # The second floor.
          - mailbox: a@contoso.example   # Anna's
            devices:
              - 10.1.0.0/24
              - 10.2.0.0/24

          # The third floor.
          - devices: [10.3.0.0/24]
            mailbox: b@contoso.example
        # The end.
        """);
    assertThat(add(editor(), account("c"))).isEqualTo(new AccountsEditor.Changed(3, true));
    assertThat(Files.readString(file))
        .contains("# Ours.", "# The second floor.", "# Anna's", "# The third floor.", "# The end.");
    assertThat(
            editor()
                .change(
                    now ->
                        AccountsEditor.Edits.remove(
                            now, account -> account.mailbox().startsWith("a@"))))
        .isEqualTo(new AccountsEditor.Changed(2, true));
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            # Ours.
            accounts:
              # The second floor.

              # The third floor.
              - devices: [10.3.0.0/24]
                mailbox: b@contoso.example
            # The end.
              - login: 'c'
                passwordHash: '%s'
                mailbox: 'c@contoso.example'
            """
                .formatted(HASH));
  }

  @Test
  void keepsTheTenantAndThePasswordForTheOrigin() throws Exception {
    SignInConfig two = signIn(List.of("contoso", "fabrikam"));
    SignInConfig.Account token =
        AccountsReader.of("a", HASH, List.of(), "a@fabrikam.example", "fabrikam", null, List.of());
    SignInConfig.Account password =
        AccountsReader.of(
            "b",
            HASH,
            List.of(),
            "b@contoso.example",
            null,
            AccountsReader.upstream(
                "smtp.azurecomm.net:587",
                "it's|me",
                "b@contoso.example",
                Path.of("/etc/b.password")),
            List.of());
    AccountsEditor editor = new AccountsEditor(file, two);
    add(editor, token);
    add(editor, password);
    assertThat(AccountsFile.read(file, two)).containsExactly(token, password);
    assertThat(Files.readString(file))
        .contains("    tenant: 'fabrikam'\n")
        .contains(
            "    upstream: {origin: 'smtp.azurecomm.net:587', user: 'it''s|me', passwordFile: '/etc/b.password'}\n");
    assertThat(
            editor.change(
                now -> AccountsEditor.Edits.remove(now, account -> "a".equals(account.login()))))
        .isEqualTo(new AccountsEditor.Changed(1, true));
    assertThat(AccountsFile.read(file, two)).containsExactly(password);
  }

  @Test
  void refusesAnAccountOfNoTenant() {
    SignInConfig two = signIn(List.of("contoso", "fabrikam"));
    assertThat(catchThrowable(() -> add(new AccountsEditor(file, two), account("a"))))
        .hasMessageContaining(
            "accounts[0].tenant: missing; expected contoso, fabrikam; name the tenant that has the mailbox");
    assertThat(catchThrowable(() -> add(new AccountsEditor(file, signIn(List.of())), account("a"))))
        .hasMessageContaining(
            "accounts[0].upstream: missing; expected 'upstream', or a tenant in 'signIn'");
  }

  @Test
  void canBeEmptiedAndFilledAgain() throws Exception {
    add(editor(), account("a"));
    assertThat(editor().change(now -> AccountsEditor.Edits.remove(now, account -> true)))
        .isEqualTo(new AccountsEditor.Changed(0, true));
    assertThat(AccountsFile.read(file, NONE)).isEmpty();
    assertThat(add(editor(), account("b"))).isEqualTo(new AccountsEditor.Changed(1, true));
  }

  @Test
  void replacesAnAccountInItsPlace() throws Exception {
    write(
        """
        # Ours.
        accounts:
        # The second floor.
        - mailbox: a@contoso.example   # Anna's
          devices: [10.1.0.0/24]

        # The third floor.
        - devices: [10.3.0.0/24]
          mailbox: b@contoso.example
        """);
    SignInConfig.Account off = AccountsFile.read(file, NONE).get(0).disabled(true);
    assertThat(
            editor()
                .<InvalidConfigException>change(
                    now ->
                        new AccountsEditor.Edits(
                            new TreeMap<>(Map.of(0, Optional.of(off))), List.of(account("c")))))
        .isEqualTo(new AccountsEditor.Changed(3, true));
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            # Ours.
            accounts:
            # The second floor.
            - devices: ['10.1.0.0/24']
              mailbox: 'a@contoso.example'
              disabled: true

            # The third floor.
            - devices: [10.3.0.0/24]
              mailbox: b@contoso.example
            - login: 'c'
              passwordHash: '%s'
              mailbox: 'c@contoso.example'
            """
                .formatted(HASH));
    assertThat(AccountsFile.read(file, NONE))
        .extracting(SignInConfig.Account::key, SignInConfig.Account::disabled)
        .containsExactly(
            tuple("10.1.0.0/24", true), tuple("10.3.0.0/24", false), tuple("c", false));
  }

  @Test
  void aDecisionThatFailsChangesNothing() throws Exception {
    add(editor(), account("a"));
    String before = Files.readString(file);
    assertThatThrownBy(
            () ->
                editor()
                    .change(
                        now -> {
                          throw new IllegalStateException("changed by " + now.get(0).login());
                        }))
        .hasMessage("changed by a");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void rewritesAFileThatItCannotEditByLine() throws Exception {
    write("accounts: [{devices: [10.0.0.0/8], mailbox: a@contoso.example}] # ours\n");
    assertThat(add(editor(), account("b"))).isEqualTo(new AccountsEditor.Changed(2, false));
    assertThat(AccountsFile.read(file, NONE)).hasSize(2);
  }

  @Test
  void refusesInvalidChangesAndKeepsTheFile() throws Exception {
    add(editor(), account("a"));
    String before = Files.readString(file);
    assertThat(catchThrowable(() -> add(editor(), account("a"))))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("a unique login");
    assertThat(
            catchThrowable(
                () ->
                    add(
                        new AccountsEditor(file, signIn(List.of("contoso"), account("b"))),
                        account("b"))))
        .hasMessageContaining("the configuration's signIn.accounts[0]");
    assertThat(Files.readString(file)).isEqualTo(before);
    write("accounts: [");
    assertThat(catchThrowable(() -> add(editor(), account("b"))))
        .isInstanceOf(InvalidConfigException.class);
    assertThat(Files.readString(file)).isEqualTo("accounts: [");
  }

  private AccountsEditor editor() {
    return new AccountsEditor(file, NONE);
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  private static SignInConfig.Account account(String name) {
    return AccountsReader.of(
        name, HASH, List.of(), name + "@contoso.example", null, null, List.of());
  }

  private static SignInConfig signIn(List<String> tenants, SignInConfig.Account... configured) {
    return new SignInConfig(
        tenants.stream().map(AccountsEditorTest::tenant).toList(),
        List.of(configured),
        null,
        false,
        new SignInConfig.Limits(3, 30, 200, Duration.ofSeconds(25)),
        List.of(),
        true,
        true);
  }

  private static AccountsEditor.Changed add(AccountsEditor editor, SignInConfig.Account account)
      throws Exception {
    return editor.change(now -> new AccountsEditor.Edits(new TreeMap<>(), List.of(account)));
  }

  private static SignInTenant tenant(String name) {
    return new SignInTenant(
        name,
        name + ".example",
        "11111111-2222-4333-8444-555555555555",
        null,
        SignInConfig.Flow.APPLICATION,
        SignInTenant.Service.EXCHANGE,
        null,
        null,
        null,
        Cloud.WORLDWIDE,
        null,
        List.of(),
        null,
        false);
  }
}
