package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.pages.AccountControl.Changed;
import org.tlsuplift.server.http.pages.AccountControl.Fate;
import org.tlsuplift.server.inventory.RefusedSignIns;

/** What the pages do with the accounts file. */
class AccountChangesTest {
  @TempDir Path directory;

  private AccountChanges accounts(String signIn) throws Exception {
    return accounts(signIn, "");
  }

  private AccountChanges accounts(String signIn, String more) throws Exception {
    Path file = directory.resolve("accounts.yaml");
    if (!Files.exists(file)) {
      Files.writeString(
          file,
          """
          accounts:
            - devices: [10.1.0.0/16]
              mailbox: hall@Corp.example
          """);
    }
    return new AccountChanges(
        ConfigLoader.parse(
                """
                dataDirectory: '%s'
                listeners:
                  - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'smtp.office365.com:587', protocol: smtp, profile: legacy, signIn: true}
                signIn: {tenant: corp.example, applicationId: 11111111-2222-3333-4444-555555555555, flow: device-code, accountsFile: '%s'%s}
                %s
                """
                    .formatted(directory, file, signIn, more),
                "test")
            .config(),
        null,
        Map::of,
        new RefusedSignIns());
  }

  private static Map<String, String> fields(String networks, String mailbox) {
    return Map.of("networks", networks, "mailbox", mailbox);
  }

  private static void assertRefused(ThrowingCall call, String... texts) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            BadRequestException.class, refused -> assertThat(refused.status()).isEqualTo(403))
        .hasMessageContainingAll(texts)
        .message()
        .hasSizeLessThan(300);
  }

  private interface ThrowingCall {
    void run() throws Exception;
  }

  @Test
  void operatorAddsAccountsOnlyInTheDomainsOfExistingAccounts() throws Exception {
    AccountChanges accounts = accounts("");
    assertRefused(
        () -> accounts.add(fields("10.2.0.0/16", "ceo@board.example"), Role.OPERATOR),
        "'@board.example'",
        "let an administrator do it",
        "signIn.allowedMailboxes");
    assertThat(accounts.add(fields("10.2.0.0/16", "fax@CORP.example"), Role.OPERATOR).key())
        .isEqualTo("10.2.0.0/16");
    assertThat(accounts.add(fields("10.3.0.0/16", "fax@fax.example"), Role.ADMINISTRATOR).key())
        .isEqualTo("10.3.0.0/16");
    assertThat(accounts.add(fields("10.4.0.0/16", "other@fax.example"), Role.OPERATOR).key())
        .as("an administrator has added this domain")
        .isEqualTo("10.4.0.0/16");
  }

  @Test
  void operatorGivesAnAccountNoMailboxOfAnotherDomain() throws Exception {
    AccountChanges accounts = accounts("");
    Map<String, String> other = Map.of("mailbox", "ceo@board.example");
    assertRefused(
        () -> accounts.change("10.1.0.0/16", "", other, Role.OPERATOR), "'@board.example'");
    assertThat(accounts.change("10.1.0.0/16", "", other, Role.ADMINISTRATOR).after())
        .contains("ceo@board.example");
    assertThat(
            accounts.change("10.1.0.0/16", "", Map.of("disabled", "true"), Role.OPERATOR).after())
        .as("the mailbox stays")
        .contains("disabled true");
  }

  @Test
  void listOfMailboxesBindsAdministratorsToo() throws Exception {
    AccountChanges accounts = accounts(", allowedMailboxes: ['@Scan.example', fax@corp.example]");
    for (Role role : List.of(Role.OPERATOR, Role.ADMINISTRATOR)) {
      assertRefused(
          () -> accounts.add(fields("10.2.0.0/16", "ceo@corp.example"), role),
          "add '@corp.example' to signIn.allowedMailboxes");
    }
    assertThat(accounts.add(fields("10.2.0.0/16", "one@scan.example"), Role.OPERATOR).key())
        .isNotEmpty();
    assertThat(accounts.add(fields("10.3.0.0/16", "Fax@corp.example"), Role.OPERATOR).key())
        .isNotEmpty();
    assertThat(
            accounts.change("10.1.0.0/16", "", Map.of("disabled", "true"), Role.OPERATOR).after())
        .as("the mailbox stays, although the list does not have it")
        .contains("hall@Corp.example");
  }

  @Test
  void importRefusesTheLinesWithForeignMailboxes() throws Exception {
    AccountChanges accounts = accounts("");
    List<Map<String, String>> lines =
        List.of(
            fields("10.1.0.0/16", "ceo@board.example"),
            fields("10.2.0.0/16", "cfo@board.example"),
            fields("10.3.0.0/16", "fax@corp.example"));
    assertThat(accounts.preview(lines, Role.OPERATOR).fates())
        .extracting(Fate::result)
        .containsExactly("refused", "refused", "added");
    assertThat(accounts.apply(lines, "", Role.OPERATOR, planned -> {})).hasSize(1);
    assertThat(Files.readString(directory.resolve("accounts.yaml")))
        .contains("fax@corp.example")
        .doesNotContain("board.example");
    assertThat(accounts.preview(lines, Role.ADMINISTRATOR).fates())
        .extracting(Fate::result)
        .containsExactly("changed", "added", "unchanged");
  }

  @Test
  void refusesToChangeSharedAccountsInTheFileAlone() throws Exception {
    Path key = Files.write(directory.resolve("key"), new byte[32]);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    AccountChanges accounts =
        accounts(
            ", shareAccounts: true",
            "database: {url: 'jdbc:postgresql://127.0.0.1:1/uplift', user: uplift, keyFile: '%s'}"
                .formatted(key));
    String before = Files.readString(directory.resolve("accounts.yaml"));
    assertThatThrownBy(() -> accounts.add(fields("10.2.0.0/16", "fax@corp.example"), Role.OPERATOR))
        .isInstanceOfSatisfying(
            BadRequestException.class, refused -> assertThat(refused.status()).isEqualTo(409))
        .hasMessageContainingAll("'signIn: true'", "tls-uplift accounts");
    assertThat(Files.readString(directory.resolve("accounts.yaml"))).isEqualTo(before);
  }

  @Test
  void importChangesNothingIfItsRecordsHaveNoRoom() throws Exception {
    AccountChanges accounts = accounts("");
    String before = Files.readString(directory.resolve("accounts.yaml"));
    List<Changed> seen = new ArrayList<>();
    assertThatThrownBy(
            () ->
                accounts.apply(
                    List.of(
                        fields("10.1.0.0/16", "fax@corp.example"),
                        fields("10.2.0.0/16", "new@corp.example")),
                    "",
                    Role.OPERATOR,
                    planned -> {
                      seen.addAll(planned);
                      throw new BadRequestException(503, "no room");
                    }))
        .hasMessage("no room");
    assertThat(seen).extracting(Changed::key).containsExactly("10.1.0.0/16", "10.2.0.0/16");
    assertThat(Files.readString(directory.resolve("accounts.yaml"))).isEqualTo(before);
  }

  @Test
  void importRefusesOnlyTheLineThatContradictsAnother() throws Exception {
    assertThat(
            accounts("")
                .preview(
                    List.of(
                        fields("10.1.2.0/24", "inner@corp.example"),
                        fields("10.0.0.0/8", "outer@corp.example"),
                        fields("10.8.0.0/16 10.1.3.0/24", "partly@corp.example"),
                        fields("10.8.0.0/16", "free@corp.example"),
                        fields("10.9.0.0/16 10.9.1.0/24", "itself@corp.example"),
                        fields("10.9.0.0/16", "free@corp.example")),
                    Role.OPERATOR)
                .fates())
        .extracting(Fate::result)
        .containsExactly("refused", "refused", "refused", "added", "refused", "added");
  }

  @Test
  void timeOfAnImportGrowsWithItsLinesAndNotWithTheirSquare() throws Exception {
    AccountChanges accounts = accounts("");
    time(accounts, 200);
    double small = best(accounts, 400);
    double large = best(accounts, 1600);
    assertThat(large / small).as("%s ms, %s ms", small / 1e6, large / 1e6).isLessThan(10);
  }

  private static double best(AccountChanges accounts, int lines) throws Exception {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      best = Math.min(best, time(accounts, lines));
    }
    return best;
  }

  /** CPU time, which depends on no other process. */
  private static double time(AccountChanges accounts, int count) throws Exception {
    List<Map<String, String>> lines =
        IntStream.range(0, count)
            .mapToObj(i -> fields("10.2.%s.%s".formatted(i / 250, i % 250), "fax@corp.example"))
            .toList();
    long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    assertThat(accounts.preview(lines, Role.OPERATOR).fates())
        .allMatch(fate -> fate.result().equals("added"));
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun;
  }
}
