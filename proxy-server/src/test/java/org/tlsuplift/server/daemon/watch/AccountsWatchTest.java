package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.SignInConfig;

/** The accounts are those of the file's last good state, for any writer and any way of writing. */
class AccountsWatchTest {
  private static final String HASH = "$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(AccountsWatch.class);
  private final List<List<String>> taken = new ArrayList<>();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AutoClose private final Schedule schedule = new Schedule();

  @AfterEach
  void stopListening() {
    log.detachAppender(lines);
  }

  @Test
  void loadsAFileThatIsWrittenInPlace() throws Exception {
    write("fax");
    AccountsWatch watch = started();
    assertThat(taken).containsExactly(List.of("guest", "fax"));
    write("fax", "copier");
    look(watch);
    write("copier");
    look(watch);
    look(watch);
    assertThat(taken)
        .containsExactly(
            List.of("guest", "fax"), List.of("guest", "fax", "copier"), List.of("guest", "copier"));
    assertThat(said(Level.INFO)).hasSize(3).last().isEqualTo("1 account read from " + file());
    assertThat(said(Level.ERROR)).isEmpty();
  }

  @Test
  void loadsAFileThatIsMovedIntoPlace() throws Exception {
    write("fax");
    AccountsWatch watch = started();
    Path next = Files.writeString(directory.resolve("next"), yaml("fix"));
    // Even one that is as long, and as old.
    Files.setLastModifiedTime(next, Files.getLastModifiedTime(file()));
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    look(watch);
    assertThat(last()).containsExactly("guest", "fix");
    Files.writeString(file(), "accounts: []\n");
    look(watch);
    assertThat(last()).containsExactly("guest");
  }

  @Test
  void loadsAFileThatAppearsLater() throws Exception {
    AccountsWatch watch = started();
    look(watch);
    assertThat(taken).containsExactly(List.of("guest"));
    assertThat(lines.list).isEmpty();
    write("fax");
    look(watch);
    assertThat(last()).containsExactly("guest", "fax");
  }

  @Test
  void readsAtOnceWhatThisProcessHasWritten() throws Exception {
    write("fax");
    AccountsWatch watch = started();
    write("fax", "copier");
    watch.read();
    assertThat(last()).containsExactly("guest", "fax", "copier");
    watch.read();
    assertThat(taken).hasSize(2);
  }

  @Test
  void waitsUntilAFileNoLongerChanges() throws Exception {
    write("fax", "copier");
    AccountsWatch watch = started();
    write("fax");
    watch.look();
    write("fax", "copier", "door");
    watch.look();
    assertThat(taken).hasSize(1);
    watch.look();
    assertThat(last()).containsExactly("guest", "fax", "copier", "door");
    assertThat(taken).hasSize(2);
  }

  @Test
  void keepsTheLastGoodAccountsAndReportsAnErrorOnce() throws Exception {
    write("fax");
    AccountsWatch watch = started();
    Files.writeString(file(), yaml("fax").replace("mailbox", "mailbocks"));
    look(watch);
    look(watch);
    assertThat(watch.isBad()).isTrue();
    assertThat(said(Level.ERROR))
        .singleElement()
        .asString()
        .startsWith(file() + " cannot be used; the previous accounts stay in use: ")
        .contains("accounts[0].mailbox: missing; expected ", "accounts[0].mailbocks: unknown key")
        .doesNotContain(HASH, "\n");
    for (String broken : List.of("", "accounts: [", "accounts: [\0", yaml("guest"))) {
      Files.writeString(file(), broken);
      look(watch);
      look(watch);
    }
    assertThat(taken).hasSize(1);
    assertThat(said(Level.ERROR)).hasSize(5);
    assertThat(said(Level.ERROR).get(4)).contains("login", "guest");

    write("fax", "copier");
    look(watch);
    assertThat(last()).containsExactly("guest", "fax", "copier");
    assertThat(watch.isBad()).isFalse();
    assertThat(said(Level.ERROR)).hasSize(5);
  }

  @Test
  void keepsTheLastGoodAccountsWhileTheFileIsMissing() throws Exception {
    write("fax");
    AccountsWatch watch = started();
    Path away = Files.move(file(), directory.resolve("away"));
    look(watch);
    look(watch);
    assertThat(watch.isBad()).isTrue();
    assertThat(said(Level.ERROR))
        .containsExactly(
            file() + " cannot be used; the previous accounts stay in use: the file does not exist");
    Files.move(away, file());
    look(watch);
    assertThat(watch.isBad()).isFalse();
    assertThat(taken).hasSize(2).containsOnly(List.of("guest", "fax"));
  }

  @Test
  void readsAnUnusableFileAgain() throws Exception {
    write("copier");
    AccountsWatch watch = started();
    Files.writeString(file(), yaml("fax").replace("login", "logon"));
    look(watch);
    assertThat(watch.isBad()).isTrue();
    // As after chmod or chown, which leave all that is looked at as it was.
    FileTime modified = Files.getLastModifiedTime(file());
    write("fax");
    Files.setLastModifiedTime(file(), modified);
    look(watch);
    assertThat(watch.isBad()).isFalse();
    assertThat(last()).containsExactly("guest", "fax");
  }

  private AccountsWatch started() throws Exception {
    SignInConfig signIn =
        ConfigLoader.parse(
                """
                listeners:
                  - {name: mail, bind: '127.0.0.1:0', accept: fixed, origin: 'a.example:587', protocol: smtp,
                     downstreamTls: starttls, upstreamTls: starttls, profile: legacy, signIn: true}
                routes: [{to: ['a.example:587'], action: bridge}]
                signIn:
                  tenant: contoso.example
                  applicationId: 11111111-2222-4333-8444-555555555555
                  flow: device-code
                  accounts: [%s]
                  accountsFile: '%s'
                """
                    .formatted(account("guest"), file()),
                "test")
            .config()
            .signIn();
    assertThat(signIn).isNotNull();
    AccountsWatch watch =
        new AccountsWatch(
            signIn,
            all -> taken.add(all.stream().map(each -> String.valueOf(each.login())).toList()));
    watch.start(schedule);
    return watch;
  }

  /** Checks twice: a change counts when two checks in a row see it. */
  private static void look(AccountsWatch watch) {
    watch.look();
    watch.look();
  }

  private Path file() {
    return directory.resolve("accounts.yaml");
  }

  private void write(String... logins) throws IOException {
    Files.writeString(file(), yaml(logins));
  }

  private static String yaml(String... logins) {
    return Arrays.stream(logins)
        .map(AccountsWatchTest::account)
        .collect(Collectors.joining("\n  - ", "accounts:\n  - ", "\n"));
  }

  private static String account(String login) {
    return "{login: %1$s, passwordHash: '%2$s', mailbox: %1$s@contoso.example}"
        .formatted(login, HASH);
  }

  private List<String> last() {
    return taken.get(taken.size() - 1);
  }

  private List<String> said(Level level) {
    return lines.list.stream()
        .filter(event -> event.getLevel() == level)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }
}
