package org.tlsuplift.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.TokenStore;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.signin.token.UserTokens;
import org.tlsuplift.server.testing.CommitCutter;
import org.tlsuplift.server.testing.Postgres;

/** Instances that share the tokens of users in a real database. */
@OneJdk
class SharedTokensTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String OWNER = "https://login.example/contoso/ app";
  private static final String MAILBOX = "scanner@contoso.example";
  private static final String OTHER = "fax@contoso.example";

  @AutoClose private static Postgres postgres;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final List<TokenDatabase> opened = new ArrayList<>();
  private String schema = "";
  private DatabasePlace.PostgreSql place;
  private SealKey key;

  @BeforeAll
  static void startDatabase() {
    postgres = Postgres.start();
  }

  @BeforeEach
  void makeSchema() throws Exception {
    schema = postgres.newSchema();
    place = postgres.place(schema);
    key = key(1);
  }

  @AutoClose private final Schedule schedule = new Schedule();

  @AfterEach
  void end() {
    opened.forEach(TokenDatabase::close);
  }

  private SealKey key(int value) throws Exception {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return SealKey.read(Files.write(folder.resolve("key" + value), bytes));
  }

  private UserTokens instance(String name) {
    return instance(name, key, OWNER);
  }

  private UserTokens instance(String name, SealKey withKey, String owner) {
    TokenDatabase database = TokenDatabase.open(place, withKey, schedule);
    opened.add(database);
    return database.tokens(owner, local(name));
  }

  private TokenStore local(String name) {
    return new TokenStore(folder.resolve(name), "contoso", OWNER);
  }

  private static String content(UserTokens tokens, String mailbox) throws Exception {
    try (UserTokens.Taken taken = tokens.take(mailbox).orElseThrow()) {
      return taken.cache().orElse("none");
    }
  }

  private static void write(UserTokens tokens, String content) throws Exception {
    try (UserTokens.Taken taken = tokens.take(MAILBOX).orElseThrow()) {
      taken.write(content, null);
    }
  }

  private String ask(String sql) {
    return postgres.ask("SET search_path = " + schema + "; " + sql);
  }

  @Test
  void aSignInAtOneInstanceIsSeenAtTheOther() throws Exception {
    UserTokens one = instance("one");
    UserTokens other = instance("other");
    assertThat(content(other, MAILBOX)).isEqualTo("none");
    assertThat(other.isSignedIn(MAILBOX)).isFalse();
    String before = other.stamp(MAILBOX);

    one.check();
    one.replace(MAILBOX, "signed in");

    assertThat(other.isSignedIn(MAILBOX)).isTrue();
    assertThat(content(other, MAILBOX)).isEqualTo("signed in");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(other.stamp(MAILBOX)).isNotEqualTo(before));
    write(other, "refreshed");
    assertThat(content(one, MAILBOX)).isEqualTo("refreshed");
    assertThat(
            ask(
                "SELECT count(*) FROM uplift_user_token WHERE position('refr' IN encode(content,"
                    + " 'escape')) > 0"))
        .isEqualTo("0");
  }

  /** These rows were written by version 1.0 before its stores of secrets became one. */
  @Test
  void readsRowsOfAnEarlierVersion() throws Exception {
    UserTokens tokens = instance("one");
    tokens.check();
    row(
        MAILBOX,
        "544c535550544b31dcadf1820e48d06cd33bcab7b59dad899fcd4d84aea07bc4691386bb2e87d93cec0db7b3d9107eda9badb21d1fa1de171cb84e9374d9f1e57dd55a4d5de8089b29ec6f55de64131f45160cc5f39c");
    row(
        OTHER,
        "544c535550544b31b90378dcdb365a628bc9c671d77f53f8079e4136ff93c162580910414b364eb1dda17621d79d0dd1a99053fc995ed66d");

    assertThat(content(tokens, OTHER)).isEqualTo("{\"RefreshToken\":{}}");
    assertThat(content(tokens, MAILBOX)).isEqualTo("{\"RefreshToken\":{}}");
    try (UserTokens.Taken taken = tokens.take(MAILBOX).orElseThrow()) {
      assertThat(taken.token())
          .isEqualTo(new AccessToken("the token", Instant.parse("9999-12-01T10:00:00Z")));
    }
  }

  private void row(String mailbox, String hex) {
    ask(
        "INSERT INTO uplift_user_token (owner, mailbox, key_id, content, version, changed) VALUES ('%s', '%s', 'b56519ff292e', decode('%s', 'hex'), gen_random_uuid(), now())"
            .formatted(OWNER, mailbox, hex));
  }

  @Test
  void oneInstanceAtATimeHasTheRefreshToken() throws Exception {
    UserTokens one = instance("one");
    UserTokens other = instance("other");
    one.replace(MAILBOX, "first");
    one.replace(OTHER, "of another mailbox");

    try (UserTokens.Taken taken = one.take(MAILBOX).orElseThrow()) {
      assertThat(other.take(MAILBOX)).isEmpty();
      assertThat(content(other, OTHER)).isEqualTo("of another mailbox");
      taken.write("second", null);
    }
    try (UserTokens.Taken taken = other.take(MAILBOX).orElseThrow()) {
      assertThat(taken.cache()).contains("second");
      assertThat(one.take(MAILBOX)).isEmpty();
    }
    assertThat(content(one, MAILBOX)).isEqualTo("second");
  }

  @Test
  void anInstanceThatDiesGivesTheRefreshTokenBack() throws Exception {
    UserTokens one = instance("one");
    UserTokens other = instance("other");
    one.replace(MAILBOX, "first");
    assertThat(one.take(MAILBOX)).isPresent();
    assertThat(other.take(MAILBOX)).isEmpty();
    assertThat(
            ask(
                "SELECT held_until BETWEEN clock_timestamp() + interval '10 seconds'"
                    + " AND clock_timestamp() + interval '30 seconds' FROM uplift_user_token"))
        .isEqualTo("t");

    // As if these seconds had passed.
    ask("UPDATE uplift_user_token SET held_until = held_until - interval '31 seconds'");
    write(other, "second");
    assertThat(content(other, MAILBOX)).isEqualTo("second");
  }

  @Test
  void aNewSignInIsNotOverwrittenByARequestThatWasUnderWay() throws Exception {
    UserTokens one = instance("one");
    one.replace(MAILBOX, "old");
    try (UserTokens.Taken taken = one.take(MAILBOX).orElseThrow()) {
      instance("other").replace(MAILBOX, "signed in again");
      taken.write("refreshed from old", null);
    }
    assertThat(content(one, MAILBOX)).isEqualTo("signed in again");
  }

  @ParameterizedTest
  @EnumSource
  void tokensWhoseCommitWasNotConfirmedAreSavedAndNotCalledReplaced(CommitCutter.Cut how)
      throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(SharedTokens.class);
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    log.addAppender(lines);
    UserTokens one = instance("one");
    one.replace(MAILBOX, "first");
    DatabasePlace.PostgreSql direct = place;
    try (CommitCutter network =
        new CommitCutter(postgres.port(), "uplift_user_token SET content")) {
      String url = direct.url().replace(":" + postgres.port() + "/", ":" + network.port() + "/");
      place = new DatabasePlace.PostgreSql(url, direct.user(), direct.password());
      try (TokenDatabase far = TokenDatabase.open(place, key, schedule);
          UserTokens.Taken taken = far.tokens(OWNER, local("far")).take(MAILBOX).orElseThrow()) {
        network.cut(how);
        taken.write("second", null);
        network.release();
        assertThat(far.waiting).hasSize(1);
        await().atMost(TIMEOUT).until(far.waiting::isEmpty);
      }
    } finally {
      log.detachAppender(lines);
    }
    assertThat(content(one, MAILBOX)).isEqualTo("second");
    assertThat(lines.list).isEmpty();
  }

  @Test
  void anotherKeyIsNamedAndChangesNothing() throws Exception {
    UserTokens right = instance("right");
    right.replace(MAILBOX, "tokens");
    SealKey wrongKey = key(2);
    UserTokens wrong = instance("wrong", wrongKey, OWNER);
    String remedy =
        " for key "
            + key.id()
            + ", and database.keyFile is key "
            + wrongKey.id()
            + "; use the key file of the other instances; if it is lost, see: tls-uplift manual"
            + " several-instances";

    assertThatThrownBy(() -> wrong.take(MAILBOX))
        .isInstanceOf(TokenStoreException.class)
        .hasMessage("the database has its tokens" + remedy);
    assertThatThrownBy(wrong::check).hasMessage("the database has tokens" + remedy);
    assertThatThrownBy(() -> wrong.replace(OTHER, "x"))
        .hasMessage("the database has tokens" + remedy);
    local("wrong").replace(OTHER, "from before");
    assertThatThrownBy(() -> wrong.take(OTHER)).hasMessage("the database has tokens" + remedy);
    assertThat(local("wrong").read(OTHER)).contains("from before");
    assertThat(ask("SELECT count(*) FROM uplift_user_token")).isEqualTo("1");
    assertThat(content(right, MAILBOX)).isEqualTo("tokens");
  }

  @Test
  void swappedAndDamagedRowsAreRefusedUntilAUserSignsInAgain() throws Exception {
    UserTokens tokens = instance("one");
    tokens.replace(MAILBOX, "of the scanner");
    tokens.replace(OTHER, "of the fax");
    ask(
        "UPDATE uplift_user_token a SET content = b.content FROM uplift_user_token b"
            + " WHERE a.mailbox <> b.mailbox");
    for (String mailbox : List.of(MAILBOX, OTHER)) {
      assertDamaged(tokens, mailbox);
    }
    tokens.replace(MAILBOX, "signed in again");
    assertThat(content(tokens, MAILBOX)).isEqualTo("signed in again");

    ask("UPDATE uplift_user_token SET content = set_byte(content, 30, get_byte(content, 30) # 1)");
    assertDamaged(tokens, MAILBOX);
    ask("UPDATE uplift_user_token SET content = ''");
    assertDamaged(tokens, MAILBOX);
    ask("UPDATE uplift_user_token SET owner = 'another tenant'");
    assertThat(content(tokens, MAILBOX)).isEqualTo("none");
  }

  private static void assertDamaged(UserTokens tokens, String mailbox) {
    // The row is given back, so a second attempt finds the same.
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> tokens.take(mailbox))
          .isInstanceOf(TokenStoreException.class)
          .hasMessage(
              "its tokens in the database are damaged, or belong to another mailbox or tenant; a"
                  + " user must sign in again: tls-uplift accounts sign-in "
                  + mailbox);
    }
  }

  @Test
  void tokensFromTheTimeBeforeTheDatabaseMoveOnce() throws Exception {
    local("one").replace(MAILBOX, "of the first");
    local("other").replace(MAILBOX, "of the second");
    UserTokens one = instance("one");
    UserTokens other = instance("other");
    assertThat(one.isSignedIn(MAILBOX)).isTrue();

    assertThat(content(one, MAILBOX)).isEqualTo("of the first");
    assertThat(content(other, MAILBOX)).isEqualTo("of the first");

    assertThat(local("one").read(MAILBOX)).isEmpty();
    assertThat(local("other").read(MAILBOX)).isEmpty();
    assertThat(ask("SELECT count(*) FROM uplift_user_token")).isEqualTo("1");
  }

  @Test
  void allInstancesReadTheNewestAccessToken() throws Exception {
    UserTokens one = instance("one");
    one.replace(MAILBOX, "cache\nwith lines and spaces");
    AccessToken token = new AccessToken("eyJ0.x y", Instant.parse("2026-11-27T20:00:00.5Z"));
    try (UserTokens.Taken taken = one.take(MAILBOX).orElseThrow()) {
      assertThat(taken.token()).isNull();
      assertThat(taken.cache()).contains("cache\nwith lines and spaces");
      taken.write("next\ncache", token);
    }
    try (UserTokens.Taken taken = instance("other").take(MAILBOX).orElseThrow()) {
      assertThat(taken.token()).isEqualTo(token);
      assertThat(taken.cache()).contains("next\ncache");
    }
    one.replace(MAILBOX, "signed in again");
    try (UserTokens.Taken taken = one.take(MAILBOX).orElseThrow()) {
      assertThat(taken.token()).isNull();
    }
  }

  @Test
  void applicationsDoNotShareTokens() throws Exception {
    instance("one").replace(MAILBOX, "of one application");
    assertThat(content(instance("one", key, OWNER + "2"), MAILBOX)).isEqualTo("none");
  }

  @Test
  void tokensThatWaitAreSavedWhenTheDaemonEnds() {
    TokenDatabase database = TokenDatabase.open(place, key, schedule);
    AtomicInteger calls = new AtomicInteger();
    database.save(
        () -> {
          if (calls.incrementAndGet() == 1) {
            throw new TokenStoreException("away", true);
          }
        });
    assertThat(calls).hasValue(1);
    database.close();
    assertThat(calls).hasValue(2);
  }

  @Test
  void newTokensAreSavedOnceTheDatabaseIsBack() throws Exception {
    UserTokens one = instance("one");
    one.replace(MAILBOX, "first");
    try {
      try (UserTokens.Taken taken = one.take(MAILBOX).orElseThrow()) {
        postgres.kill();
        taken.write("second", null);
        assertThat(taken.cache()).contains("second");
      }
      assertThatThrownBy(() -> one.take(MAILBOX))
          .isInstanceOf(TokenStoreException.class)
          .hasMessageStartingWith("the database with the tokens does not respond: ")
          .hasMessageEndingWith("; check 'database'");
      assertThat(one.stamp(MAILBOX)).isEmpty();
    } finally {
      postgres.startAgain();
    }
    UserTokens other = instance("other");
    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(content(other, MAILBOX)).isEqualTo("second"));
  }
}
