package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.AccountsReader;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.testing.CommitCutter;
import org.tlsuplift.server.testing.Postgres;

/** Instances share their accounts by a real database, and lose none when both sides change. */
@OneJdk
class AccountsSyncTest {
  private static final String HASH = "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.";

  private static Postgres postgres;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private DatabasePlace.PostgreSql place;
  private String schema = "";

  @BeforeAll
  static void startDatabase() {
    postgres = Postgres.shared();
  }

  @BeforeEach
  void makeSchema() {
    schema = postgres.newSchema();
    place = postgres.place(schema);
  }

  @AutoClose private final Schedule schedule = new Schedule();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** An instance with its own file. */
  private final class Instance {
    private final List<Change> settled = new CopyOnWriteArrayList<>();
    private AccountsSync.Settled outcomes = settled::add;
    private final Path file;
    private final SignInConfig signIn;
    private final TokenDatabase database;
    private AccountsSync sync;

    Instance(String name, int key) throws Exception {
      this(name, key, place);
    }

    Instance(String name, int key, DatabasePlace.PostgreSql to) throws Exception {
      file = Files.createDirectories(folder.resolve(name)).resolve("accounts.yaml");
      signIn =
          new SignInConfig(
              List.of(tenant()),
              List.of(),
              file,
              true,
              new SignInConfig.Limits(3, 30, 200, Duration.ofSeconds(25)),
              List.of(),
              true,
              true);
      byte[] secret = new byte[32];
      Arrays.fill(secret, (byte) key);
      database =
          TokenDatabase.open(
              to, SealKey.read(Files.write(folder.resolve(name).resolve("key"), secret)), schedule);
      opened.add(database);
      restart();
    }

    /** As a daemon that starts: what it knows is on the disk. */
    void restart() {
      restart(Duration.ofSeconds(20));
    }

    void restart(Duration settling) {
      restart(settling, Duration.ZERO);
    }

    void restart(Duration settling, Duration quiet) {
      sync = new AccountsSync(file, signIn, database.accounts(), outcomes, settling, quiet);
    }

    void add(String login) throws Exception {
      new AccountsEditor(file, signIn).change(now -> adding(login));
    }

    /** As the pages and the commands do. */
    void change(String login) throws Exception {
      sync.<RuntimeException>change(now -> adding(login));
    }

    void remove(String login) throws Exception {
      new AccountsEditor(file, signIn)
          .change(
              now -> AccountsEditor.Edits.remove(now, account -> login.equals(account.login())));
    }

    /** Two checks, because a file must be the same twice. */
    void sync() throws Exception {
      sync.sync();
      sync.sync();
    }

    List<@Nullable String> logins() throws Exception {
      return AccountsFile.read(file, signIn).stream()
          .<@Nullable String>map(SignInConfig.Account::login)
          .toList();
    }
  }

  private static AccountsEditor.Edits adding(String login) {
    return new AccountsEditor.Edits(
        new TreeMap<>(),
        List.of(
            AccountsReader.of(
                login, HASH, List.of(), login + "@corp.example", null, null, List.of())));
  }

  private static SignInTenant tenant() {
    return new SignInTenant(
        "corp",
        "corp.example",
        "99999999-8888-7777-6666-555555555555",
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

  @Test
  void aChangeOfOneInstanceReachesTheOthers() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.sync();
    other.sync();
    assertThat(other.logins()).containsExactly("scanner");

    other.add("fax");
    other.sync();
    one.sync();
    assertThat(one.logins()).containsExactly("scanner", "fax");

    one.remove("scanner");
    one.sync();
    other.sync();
    assertThat(other.logins()).containsExactly("fax");
    assertThat(postgres.ask("SELECT version FROM " + schema + ".uplift_accounts")).contains("3");
  }

  @Test
  void aChangeOfThePagesIsMadeOnTheNewestAccountsAndSharedAtOnce() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.change("scanner");
    other.sync.<RuntimeException>change(
        now -> {
          assertThat(now).extracting(SignInConfig.Account::login).containsExactly("scanner");
          return new AccountsEditor.Edits(
              new TreeMap<>(Map.of(0, Optional.empty())), adding("fax").added());
        });
    one.sync.sync();
    assertThat(one.logins()).containsExactly("fax");
    assertThat(other.logins()).containsExactly("fax");
  }

  @Test
  void aChangeDuringAChangeOfAnotherInstanceIsRepeatedOnItsAccounts() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.change("scanner");
    AtomicInteger tries = new AtomicInteger();
    other.sync.<Exception>change(
        now -> {
          if (tries.incrementAndGet() == 1) {
            one.change("fax");
          }
          return adding("copier");
        });
    assertThat(other.logins()).containsExactly("scanner", "fax", "copier");
    assertThat(folder.resolve("other/accounts.yaml.replaced")).doesNotExist();
  }

  @Test
  void aChangeIsRefusedIfOtherInstancesAlwaysComeFirst() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    AtomicInteger tries = new AtomicInteger();
    assertThatThrownBy(
            () ->
                other.sync.<Exception>change(
                    now -> {
                      one.change("scanner" + tries.incrementAndGet());
                      return adding("copier");
                    }))
        .hasMessage("repeat the change: other instances changed the accounts at the same time");
    other.sync();
    assertThat(other.logins()).hasSize(tries.get()).doesNotContain("copier");
  }

  @Test
  void aChangeIsRefusedWhileTheDatabaseDoesNotRespond() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    one.database.close();
    assertThatThrownBy(() -> one.change("fax"))
        .isInstanceOfSatisfying(
            TokenStoreException.class, away -> assertThat(away.passing()).isTrue());
    assertThat(one.logins()).containsExactly("scanner");
  }

  @ParameterizedTest
  @EnumSource(
      value = CommitCutter.Cut.class,
      names = {"LOST", "UNANSWERED"})
  void aChangeWhoseCommitWasNotConfirmedIsMadeOnce(CommitCutter.Cut how) throws Exception {
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      Instance one = new Instance("one", 1, behind(network));
      one.change("scanner");
      network.cut(how);
      one.change("fax");
      assertThat(one.logins()).containsExactly("scanner", "fax");
      assertThat(version()).contains("2");
      assertThat(one.settled).isEmpty();
      Instance other = new Instance("other", 1);
      other.sync.sync();
      assertThat(other.logins()).containsExactly("scanner", "fax");
    }
  }

  @ParameterizedTest
  @CsvSource({"LOST, REFUSED, was not made, scanner", "UNANSWERED, DONE, was made, scanner fax"})
  void anUnknownChangeIsSettledWhenTheDatabaseResponds(
      CommitCutter.Cut how, Result result, String words, String logins) throws Exception {
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      Instance one = new Instance("one", 1, behind(network));
      one.change("scanner");
      one.restart(Duration.ZERO);
      network.cut(how);
      assertThatThrownBy(() -> one.change("fax"))
          .isInstanceOfSatisfying(
              UnknownOutcomeException.class,
              unknown -> assertThat(unknown.object()).isEqualTo("fax"))
          .hasMessageContaining("this may have happened");
      assertThat(one.logins()).as("the file waits for the outcome").containsExactly("scanner");
      one.restart();
      await().ignoreExceptions().untilAsserted(() -> one.sync.sync());
      assertThat(one.settled)
          .singleElement()
          .satisfies(
              change -> {
                assertThat(change.object()).matches("change \\p{XDigit}{16}");
                assertThat(change.before()).isEqualTo("unknown: fax");
                assertThat(change.result()).isEqualTo(result);
                assertThat(change.after()).isEqualTo(words);
              });
      assertThat(one.logins()).containsExactly(logins.split(" ", -1));
      one.sync();
      assertThat(one.settled).as("once").hasSize(1);
    }
  }

  @Test
  void anOutcomeWaitsForTheAuditLog() throws Exception {
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      Instance one = new Instance("one", 1, behind(network));
      Instance other = new Instance("other", 1);
      one.change("scanner");
      one.outcomes =
          outcome -> {
            throw new IOException("the disk is full");
          };
      one.restart(Duration.ZERO);
      network.cut(CommitCutter.Cut.UNANSWERED);
      assertThatThrownBy(() -> one.change("fax")).isInstanceOf(UnknownOutcomeException.class);
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(one.sync::sync)
                      .hasMessageEndingWith("the audit log cannot be written: the disk is full"));
      assertThat(one.logins()).as("the file follows").containsExactly("scanner", "fax");
      assertThatThrownBy(() -> one.change("copier"))
          .hasMessageStartingWith("make room on the disk of dataDirectory");
      other.sync();
      other.change("copier");
      one.outcomes = one.settled::add;
      one.restart();
      one.sync();
      assertThat(one.settled).extracting(Change::result).containsExactly(Result.DONE);
      assertThat(one.logins()).containsExactly("scanner", "fax", "copier");
    }
  }

  @Test
  void anOutcomeStaysUnknownIfTheDatabaseWasRestored() throws Exception {
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      Instance one = new Instance("one", 1, behind(network));
      one.change("scanner");
      saveRow();
      one.change("printer");
      one.restart(Duration.ZERO);
      network.cut(CommitCutter.Cut.UNANSWERED);
      assertThatThrownBy(() -> one.change("fax")).isInstanceOf(UnknownOutcomeException.class);
      restoreRow();
      await().ignoreExceptions().until(() -> one.sync.share(true) > 0);
      assertThat(one.settled).extracting(Change::result).containsExactly(Result.UNKNOWN);
    }
  }

  @Test
  void theCommandRecordsThatItsOutcomeIsUnknown() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    Files.createDirectory(folder.resolve("one/data"));
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      String config = configuration(behind(network).url()).toString();
      network.cutForGood(CommitCutter.Cut.UNANSWERED);
      assertThat(CommandRun.of("accounts", "share", "-c", config).err())
          .contains("this may have happened");
    }
    assertThat(folder.resolve("one/data/audit.journal"))
        .content()
        .containsPattern("\taccounts.share\tversion\\+2\t.*\tunknown");
  }

  @Test
  void waitsForACommitThatTheServerReadsLate() throws Exception {
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      Instance one = new Instance("one", 1, behind(network));
      one.change("scanner");
      network.cut(CommitCutter.Cut.LATE);
      CompletableFuture<Void> changing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  one.change("fax");
                } catch (Exception failed) {
                  throw new AssertionError(failed);
                }
              });
      await("the question what became of it")
          .until(
              () ->
                  postgres
                      .ask(
                          "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '%s.uplift_accounts'::regclass"
                              .formatted(schema))
                      .contains("1"));
      network.release();
      changing.join();
      assertThat(version()).as("it was made once").contains("2");
      assertThat(one.logins()).containsExactly("scanner", "fax");
    }
  }

  @Test
  void aChangeIsMadeIfOnlyTheFileCannotBeWritten() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    Path lock = one.file.resolveSibling("accounts.yaml.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    one.change("fax");
    assertThat(one.sync.isBad()).isTrue();
    assertThat(one.logins()).containsExactly("scanner");
    Instance other = new Instance("other", 1);
    other.sync.sync();
    assertThat(other.logins()).containsExactly("scanner", "fax");
    Files.delete(lock);
    one.sync.sync();
    assertThat(one.logins()).containsExactly("scanner", "fax");
  }

  @Test
  void aChangeThatFailsIsNotShared() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    assertThatThrownBy(
            () ->
                one.sync.change(
                    now -> {
                      throw new IllegalStateException("refused");
                    }))
        .hasMessage("refused");
    assertThat(version()).contains("1");
  }

  @Test
  void aChangeFromBeforeARestartIsNotLost() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.sync();
    other.sync();
    one.add("fax");
    one.restart();
    one.sync();
    other.sync();
    assertThat(other.logins()).containsExactly("scanner", "fax");
  }

  @Test
  void aNewInstanceGetsTheAccountsAtOnce() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    Instance fresh = new Instance("fresh", 1);
    fresh.sync.sync();
    assertThat(fresh.logins()).containsExactly("scanner");
  }

  @Test
  void usesBothChangesAndKeepsTheFileIfBothChanged() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.add("printer");
    one.sync();
    other.sync();
    one.add("fax");
    other.add("copier");
    other.remove("printer");
    one.sync();
    other.restart();
    other.sync();
    other.sync();
    one.sync();
    assertThat(other.logins()).containsExactly("scanner", "fax", "copier");
    assertThat(one.logins()).containsExactly("scanner", "fax", "copier");
    assertThat(folder.resolve("other/accounts.yaml.replaced")).content().contains("copier");
  }

  @Test
  void usesTheAccountOfTheDatabaseIfBothChangedIt() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.sync();
    other.sync();
    one.remove("scanner");
    Files.writeString(
        other.file, Files.readString(other.file).replace("scanner@corp", "other@corp"));
    one.sync();
    other.sync();
    assertThat(other.logins()).isEmpty();
    assertThat(folder.resolve("other/accounts.yaml.replaced")).content().contains("other@corp");
  }

  @Test
  void keepsEachReplacedFile() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    for (String conflict : List.of("a", "b")) {
      one.add(conflict + "1");
      other.add(conflict + "2");
      one.sync();
      // Without the text that both had in common, nothing is merged.
      Files.deleteIfExists(folder.resolve("other/accounts.yaml.common"));
      other.sync();
      assertThat(other.logins()).doesNotContain(conflict + "2");
    }
    assertThat(folder.resolve("other/accounts.yaml.replaced")).content().contains("a2");
    assertThat(folder.resolve("other/accounts.yaml.replaced.2")).content().contains("b2");
  }

  @Test
  void changesNothingWhileAnEditorWritesTheFile() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    one.change("fax");
    one.restart(Duration.ZERO, Duration.ofHours(1));
    String whole = Files.readString(one.file);
    Files.writeString(one.file, half(whole));
    FutureTask<Void> changing = changing(one, "copier");
    Thread person = new Thread(changing);
    person.start();
    await().until(() -> changing.isDone() || person.getState() == Thread.State.TIMED_WAITING);
    Files.writeString(one.file, whole);
    LockSupport.unpark(person);
    changing.get();
    assertThat(one.logins()).containsExactly("scanner", "fax", "copier");
  }

  @Test
  void refusesAChangeIfAnEditorNeverEnds() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    one.restart(Duration.ZERO, Duration.ofHours(1));
    Files.writeString(one.file, "accounts: []\n");
    FutureTask<Void> changing = changing(one, "fax");
    Thread person = new Thread(changing);
    person.start();
    await()
        .until(
            () -> {
              LockSupport.unpark(person);
              return changing.isDone();
            });
    assertThatThrownBy(changing::get)
        .hasRootCauseMessage("repeat the change: an editor or a program is writing " + one.file);
    assertThat(version()).contains("1");
  }

  private static FutureTask<Void> changing(Instance one, String login) {
    return new FutureTask<>(
        () -> {
          one.change(login);
          return null;
        });
  }

  @Test
  void mergesNoHalfWrittenFile() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.change("scanner");
    one.change("fax");
    other.sync();
    one.change("copier");
    other.restart(Duration.ZERO, Duration.ofMinutes(1));
    String whole = Files.readString(other.file);
    Files.writeString(other.file, half(whole));
    other.sync();
    Files.writeString(other.file, whole);
    other.sync();
    assertThat(other.logins()).containsExactly("scanner", "fax", "copier");
    assertThat(folder.resolve("other/accounts.yaml.replaced")).doesNotExist();
  }

  /** A file with the first account only, as during a copy in two steps. */
  private static String half(String whole) {
    return whole.substring(0, whole.indexOf("  -", whole.indexOf("  -") + 1));
  }

  @Test
  void mergesTheFirstConflictAfterAnUpgrade() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.change("scanner");
    other.sync();
    Files.delete(folder.resolve("other/accounts.yaml.common"));
    other.restart();
    other.sync();
    one.change("fax");
    other.add("copier");
    other.sync();
    other.sync();
    assertThat(other.logins()).containsExactly("scanner", "fax", "copier");
  }

  @Test
  void aFileWithErrorsStaysOnItsInstance() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.sync();
    other.sync();
    Files.writeString(one.file, "accounts: [{login: scanner}]\n");
    assertThatThrownBy(one::sync).isInstanceOf(InvalidConfigException.class);
    other.sync();
    assertThat(other.logins()).containsExactly("scanner");
  }

  @Test
  void namesTheKeyOfTheOthers() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    Instance other = new Instance("other", 2);
    assertThatThrownBy(other::sync)
        .isInstanceOf(TokenStoreException.class)
        .hasMessageContaining("use the key file of the other instances");
    assertThat(other.file).doesNotExist();
    other.add("fax");
    assertThatThrownBy(() -> other.sync.share(false))
        .as("the others could not read what it saves")
        .hasMessageContaining("use the key file of the other instances");
  }

  @Test
  void accountsCannotBeChangedInTheDatabaseAlone() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    postgres.ask(
        "UPDATE " + schema + ".uplift_accounts SET content = '\\x00112233', version = version + 1");
    assertThatThrownBy(one::sync)
        .isInstanceOf(TokenStoreException.class)
        .hasMessageContaining("damaged");
    assertThat(one.logins()).containsExactly("scanner");
  }

  @Test
  void aRestoredDatabaseBringsNoRemovedAccountBack() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.add("fax");
    one.sync();
    saveRow();
    one.remove("fax");
    one.sync();

    restoreRow();
    assertRefused(one, "version 1", "version 2");
    assertThat(one.logins()).containsExactly("scanner");
    one.restart();
    assertRefused(one, "version 1", "version 2");
    one.add("copier");
    assertRefused(one, "version 1", "version 2");
    assertThat(one.logins()).containsExactly("scanner", "copier");
    assertThat(version()).as("a changed file is not saved either").contains("1");

    one.restart();
    one.sync.start(schedule);
    assertThat(one.sync.isBad()).as("the metric").isTrue();
  }

  @Test
  void aFaultThatStaysIsFoundAtEachExchange() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    one.restart(Duration.ZERO, Duration.ofMillis(100));
    Files.writeString(one.file, "accounts: wrong");
    await()
        .untilAsserted(
            () -> assertThatThrownBy(one.sync::sync).isInstanceOf(InvalidConfigException.class));
    assertThatThrownBy(one.sync::sync).isInstanceOf(InvalidConfigException.class);
  }

  @Test
  void anEmptyDatabaseIsNotFilledWithoutACommand() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    postgres.ask("DELETE FROM " + schema + ".uplift_accounts");
    assertRefused(one, "no accounts", "version 1");
    assertThat(one.logins()).containsExactly("scanner");
  }

  @Test
  void theAccountsOfOneInstanceAreSharedAgainByACommand() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.add("scanner");
    one.add("fax");
    one.sync();
    other.sync();
    saveRow();
    one.remove("fax");
    one.sync();
    other.sync();
    restoreRow();
    assertRefused(one, "version 1", "version 2");

    assertThat(one.sync.share(false)).isEqualTo(3);
    one.sync();
    other.sync();
    assertThat(one.logins()).containsExactly("scanner");
    assertThat(other.logins()).containsExactly("scanner");
    assertThat(one.sync.isBad()).isFalse();
  }

  @Test
  void aCommandAcceptsARestoredDatabase() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.add("fax");
    one.sync();
    saveRow();
    one.remove("fax");
    one.sync();
    restoreRow();
    assertRefused(one, "version 1", "version 2");

    assertThat(one.sync.share(true)).isEqualTo(3);
    one.sync();
    assertThat(one.logins()).containsExactly("scanner", "fax");
  }

  @Test
  void commandsChangeTheAccountsOfAllInstances() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    String config = configuration(place.url()).toString();
    Files.createDirectory(folder.resolve("one/data"));

    assertThat(
            CommandRun.of(
                    "accounts", "add", "-d", "192.0.2.7", "-m", "fax@corp.example", "-c", config)
                .out())
        .isEqualTo("added; there are 2 accounts in %s\n".formatted(one.file));
    assertThat(version()).contains("2");
    assertThat(CommandRun.of("accounts", "remove", "scanner", "-c", config).out())
        .startsWith("removed; there is 1 account");
    Instance other = new Instance("other", 1);
    other.sync.sync();
    assertThat(AccountsFile.read(other.file, other.signIn))
        .extracting(SignInConfig.Account::mailbox)
        .containsExactly("fax@corp.example");
  }

  @Test
  void aCommandAndAChangeOfAnotherInstanceAreNoConflict() throws Exception {
    Instance one = new Instance("one", 1);
    Instance other = new Instance("other", 1);
    one.change("scanner");
    other.sync();
    CommandRun.of("accounts", "remove", "scanner", "-c", configuration(place.url()).toString());
    other.change("fax");
    one.sync();
    assertThat(one.logins()).containsExactly("fax");
    assertThat(folder.resolve("one/accounts.yaml.replaced")).doesNotExist();
  }

  @Test
  void commandsRefuseAChangeWhileTheDatabaseDoesNotRespond() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      String config = configuration(behind(network).url()).toString();
      network.close();
      CommandRun run = CommandRun.of("accounts", "disable", "scanner", "-c", config);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("nothing was changed; repeat it later: the database");
    }
    assertThat(AccountsFile.read(one.file, one.signIn)).noneMatch(SignInConfig.Account::disabled);
  }

  @Test
  void commandsReportAnUnknownChangeWhichTheDaemonSettles() throws Exception {
    Instance one = new Instance("one", 1);
    one.change("scanner");
    Files.createDirectory(folder.resolve("one/data"));
    try (CommitCutter network = new CommitCutter(postgres.port(), "UPDATE uplift_accounts")) {
      String config = configuration(behind(network).url()).toString();
      network.cutForGood(CommitCutter.Cut.UNANSWERED);
      CommandRun run = CommandRun.of("accounts", "remove", "scanner", "-c", config);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("this may have happened");
    }
    assertThat(folder.resolve("one/data/audit.journal"))
        .content()
        .containsPattern("\taccounts.remove\tscanner\t.*\tunknown");
    one.sync.sync();
    assertThat(one.logins()).isEmpty();
    assertThat(one.settled).extracting(Change::result).containsExactly(Result.DONE);
  }

  private Path configuration(String url) throws Exception {
    Path home = folder.resolve("one");
    Path password = Files.writeString(home.resolve("password"), place.password() + "\n");
    for (Path secret : List.of(home.resolve("key"), password)) {
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    }
    return Files.writeString(
        home.resolve("tls-uplift.yaml"),
        """
        dataDirectory: %1$s/data
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:587", protocol: smtp, profile: legacy, signIn: true}
        routes: [{to: ["a.example:587"], action: bridge}]
        database: {url: '%2$s', user: %3$s, passwordFile: %1$s/password, keyFile: %1$s/key}
        signIn:
          tenant: corp.example
          applicationId: 11111111-2222-3333-4444-555555555555
          flow: device-code
          accountsFile: %1$s/accounts.yaml
          shareAccounts: true
        """
            .formatted(home, url, place.user()));
  }

  @Test
  void theCommandReadsTheConfiguration() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    Path home = folder.resolve("one");
    Path config = configuration(place.url());

    CommandRun run = CommandRun.of("accounts", "share", "--config", config.toString());

    assertThat(run.out())
        .as(run.toString())
        .isEqualTo(
            "saved the accounts in %s as version 2; all daemons use them within seconds\n"
                .formatted(one.file));
    assertThat(CommandRun.of("accounts", "share", "--from-database", "-c", config.toString()).out())
        .startsWith("saved the accounts of the database as version 3;");
    assertThat(version()).contains("3");
    assertThat(Files.createDirectory(home.resolve("data"))).isDirectory();
    CommandRun.of("accounts", "share", "--config", config.toString());
    assertThat(home.resolve("data/audit.journal"))
        .content()
        .contains("\taccounts.share\tversion+4\t\tthe+accounts+in+");
  }

  @Test
  void aDamagedCopyIsReplacedByACommand() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    postgres.ask(
        "UPDATE %s.uplift_accounts SET content = '\\x00', version = %d"
            .formatted(schema, Long.MAX_VALUE));
    assertThatThrownBy(one::sync)
        .isInstanceOf(TokenStoreException.class)
        .hasMessageContaining("tls-uplift accounts share");
    assertThat(one.sync.share(false))
        .as("the version of the damaged copy is not believed")
        .isEqualTo(2);
    one.sync();
    Instance other = new Instance("other", 1);
    other.sync();
    assertThat(other.logins()).containsExactly("scanner");
  }

  @Test
  void aDamagedStateFileDoesNotRestoreOldAccounts() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    Files.writeString(one.file.resolveSibling("accounts.yaml.shared"), "");
    one.restart();
    assertThatThrownBy(one::sync)
        .isInstanceOf(TokenStoreException.class)
        .hasMessageContaining("accounts.yaml.shared if the accounts in the database are up to date")
        .hasMessageContaining("it is damaged");
    assertThat(one.logins()).containsExactly("scanner");
  }

  private DatabasePlace.PostgreSql behind(CommitCutter network) {
    return new DatabasePlace.PostgreSql(
        place.url().replace(":" + postgres.port() + "/", ":" + network.port() + "/"),
        place.user(),
        place.password());
  }

  private void saveRow() {
    postgres.ask("CREATE TABLE %1$s.saved AS SELECT * FROM %1$s.uplift_accounts".formatted(schema));
  }

  private void restoreRow() {
    postgres.ask(
        "DELETE FROM %1$s.uplift_accounts; INSERT INTO %1$s.uplift_accounts SELECT * FROM %1$s.saved"
            .formatted(schema));
  }

  private String version() {
    return postgres.ask("SELECT version FROM " + schema + ".uplift_accounts");
  }

  private static void assertRefused(Instance instance, String... versions) {
    assertThatThrownBy(instance::sync)
        .isInstanceOfSatisfying(
            TokenStoreException.class, refused -> assertThat(refused.passing()).isFalse())
        .hasMessageStartingWith("run 'tls-uplift accounts share'")
        .hasMessageContainingAll(versions);
  }

  @Test
  void theDatabaseHasNoAccountInPlainText() throws Exception {
    Instance one = new Instance("one", 1);
    one.add("scanner");
    one.sync();
    assertThat(postgres.ask("SELECT encode(content, 'escape') FROM " + schema + ".uplift_accounts"))
        .doesNotContain("scanner");
  }
}
