package org.tlsuplift.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.SignInRequest;

/** Who devices are, and how guessing is slowed; with real hashes. */
class AccountBookTest {
  /** bcrypt of "secret", of the lowest cost. */
  private static final PasswordHash SECRET =
      PasswordHash.parse("$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.");

  private static final MailAccount SCANNER =
      new MailAccount("scanner@contoso.example", List.of("@contoso.example"));
  private static final MailAccount FAX = new MailAccount("fax@contoso.example", List.of());
  private static final MailAccount LAB = new MailAccount("lab@contoso.example", List.of());

  /** How the proxy signs in for all of them; the book only passes it on. */
  private static final OriginAccess ACCESS =
      new OriginAccess.ByPassword(
          new HostPort("relay.example", 587),
          "scanner",
          () -> CompletableFuture.failedFuture(new AssertionError("nobody signs in")),
          MailboxPermits.UNLIMITED);

  private final AtomicLong clock = new AtomicLong();
  private final SignInTimes times = new SignInTimes(Clock.systemUTC());
  private final AccountBook book =
      new AccountBook(
          List.of(
              new AccountEntry("scanner", SECRET, List.of(), SCANNER, ACCESS, true),
              new AccountEntry(
                  "fax", SECRET, blocks("10.1.2.0/24", "fd00::/64"), FAX, ACCESS, true),
              new AccountEntry(null, null, blocks("10.9.0.0/16", "fd09::/64"), LAB, ACCESS, true)),
          DeviceNetworks.DEFAULT,
          times,
          clock::get);

  @AfterEach
  void close() {
    book.close();
  }

  @Test
  void acceptsTheRightPasswordOnly() {
    assertThat(check("10.0.0.1", "scanner", "secret")).satisfies(known(SCANNER));
    assertThat(check("10.0.0.1", "Scanner", "secret")).satisfies(known(SCANNER));
    assertThat(check("10.0.0.1", "scanner", "Secret"))
        .isEqualTo(
            new AccountResult.Unknown(
                "wrong password for login 'scanner' of account scanner@contoso.example"));
    assertThat(check("10.0.0.1", "nobody", "secret"))
        .isEqualTo(new AccountResult.Unknown("no account has the device's login"));
  }

  private static Consumer<AccountResult> known(MailAccount account) {
    return result ->
        assertThat(result)
            .isInstanceOfSatisfying(
                AccountResult.Known.class,
                known -> {
                  assertThat(known.account()).isEqualTo(account);
                  assertThat(known.access()).isSameAs(ACCESS);
                  assertThat(known.standing().holds()).isTrue();
                });
  }

  private boolean holdsAfter(AccountEntry... replaced) {
    AccountResult.Known fax = (AccountResult.Known) check("10.1.2.9", "fax", "secret");
    AccountResult.Known lab = (AccountResult.Known) check("10.9.0.1", null, "");
    book.replace(List.of(replaced));
    assertThat(fax.standing().holds()).isEqualTo(lab.standing().holds());
    return fax.standing().holds();
  }

  private static AccountEntry fax(PasswordHash password, MailAccount account, String... devices) {
    return new AccountEntry("fax", password, blocks(devices), account, ACCESS, true);
  }

  private static AccountEntry lab(MailAccount account, String... devices) {
    return new AccountEntry(null, null, blocks(devices), account, ACCESS, true);
  }

  @Test
  void aResultHoldsWhileItsAccountIsTheSame() {
    assertThat(
            holdsAfter(
                lab(LAB, "10.9.0.0/24"),
                fax(SECRET, FAX, "10.1.2.0/28", "fd00::/64"),
                new AccountEntry("new", SECRET, List.of(), SCANNER, ACCESS, true)))
        .as("other accounts and smaller blocks change nothing")
        .isTrue();
    book.replace(List.of(lab(LAB, "10.9.0.0/24"), fax(SECRET, FAX)));
    assertThat(holdsAfter()).as("removed").isFalse();
  }

  @Test
  void aResultEndsWhenItsAccountIsChanged() {
    AccountEntry fax = fax(SECRET, FAX, "10.1.2.0/24");
    AccountEntry lab = lab(LAB, "10.9.0.0/16");
    List<List<AccountEntry>> changes =
        List.of(
            List.of(fax(SECRET, FAX, "10.1.3.0/24"), lab(LAB, "10.8.0.0/16")),
            List.of(fax(SECRET, LAB, "10.1.2.0/24"), lab(FAX, "10.9.0.0/16")),
            List.of(
                fax(SECRET, new MailAccount(FAX.mailbox(), List.of("<>")), "10.1.2.0/24"),
                lab(new MailAccount(LAB.mailbox(), List.of("<>")), "10.9.0.0/16")));
    for (List<AccountEntry> change : changes) {
      book.replace(List.of(fax, lab));
      assertThat(holdsAfter(change.toArray(AccountEntry[]::new))).as("%s", change).isFalse();
    }
    book.replace(List.of(fax, lab));
    AccountResult.Known known = (AccountResult.Known) check("10.1.2.9", "fax", "secret");
    book.replace(List.of(fax(PasswordHash.of("new".toCharArray()), FAX, "10.1.2.0/24"), lab));
    assertThat(known.standing().holds()).as("another password").isFalse();
  }

  @Test
  void aLoginMayBeForCertainAddressesOnly() {
    assertThat(check("10.1.2.9", "fax", "secret")).satisfies(known(FAX));
    assertThat(check("fd00::9", "fax", "secret")).satisfies(known(FAX));
    assertThat(check("10.1.3.9", "fax", "secret"))
        .isEqualTo(
            new AccountResult.Unknown(
                "login 'fax' of account fax@contoso.example is allowed for 10.1.2.0/24, fd00:0:0:0:0:0:0:0/64, not for address 10.1.3.9; see its 'devices'"));
  }

  @Test
  void findsAccountsWithoutLoginByAddress() {
    assertThat(check("10.9.255.255", null, "")).satisfies(known(LAB));
    assertThat(check("fd09::1", null, "")).satisfies(known(LAB));
    assertThat(check("10.8.255.255", null, "")).isInstanceOf(AccountResult.Unknown.class);
    assertThat(check("10.10.0.0", null, "")).isInstanceOf(AccountResult.Unknown.class);
    // An address is enough only where no login is needed.
    assertThat(check("10.1.2.9", null, "")).isInstanceOf(AccountResult.Unknown.class);
  }

  @Test
  void wipesThePassword() {
    char[] password = "secret".toCharArray();
    book.check(request("10.0.0.1", new Credential("scanner", password)));
    assertThat(password).containsOnly('\0');
  }

  @Test
  void resultShowsNoTypedText() {
    assertThat(check("10.0.0.1", "My-Pa55word", "My-Other-Pa55word").toString())
        .doesNotContain("Pa55word");
  }

  @Test
  void slowsGuessesForADevice() {
    for (int i = 0; i < 5; i++) {
      assertThat(check("10.0.0.1", "login" + i, "x")).isInstanceOf(AccountResult.Unknown.class);
    }
    assertThat(check("10.0.0.1", "scanner", "secret"))
        .isEqualTo(
            new AccountResult.Unavailable(
                "too many wrong passwords from 10.0.0.1; passwords are not checked for another 2 s"));
    assertThat(check("10.0.0.2", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
    clock.addAndGet(Duration.ofMillis(1001).toNanos());
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
  }

  @Test
  void aReloadChangesThePrefixOfADevice() {
    for (int i = 0; i < 5; i++) {
      check("fd12:0:0:" + i + "::1", "login" + i, "x");
    }
    assertThat(check("fd12:0:0:9::1", "scanner", "wrong"))
        .as("/64 each")
        .isInstanceOf(AccountResult.Unknown.class);

    book.group(new DeviceNetworks(48));
    for (int i = 0; i < 5; i++) {
      check("fd13:0:0:" + i + "::1", "other" + i, "x");
    }
    assertThat(check("fd13:0:0:9::1", "scanner", "secret"))
        .as("one /48")
        .isInstanceOf(AccountResult.Unavailable.class);
  }

  @Test
  void waitsDoubleUpToAMinute() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      check("10.0.0.1", "scanner", "wrong" + i);
      long before = clock.get();
      while (check("10.0.0.1", "login", "x" + clock.get()) instanceof AccountResult.Unavailable) {
        clock.addAndGet(Duration.ofMillis(500).toNanos());
        if (check("10.0.0.1", null, "") instanceof AccountResult.Known) {
          break;
        }
      }
      waits.add(TimeUnit.NANOSECONDS.toSeconds(clock.get() - before));
      clock.addAndGet(Duration.ofSeconds(61).toNanos());
    }
    assertThat(waits).isSorted();
    assertThat(waits.get(0)).isZero();
    assertThat(waits.get(14)).isEqualTo(60);
  }

  @Test
  void guessesAtALoginDoNotStopADeviceThatHasProvedItself() {
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
    for (int i = 0; i < 5; i++) {
      check("10.0.9." + i, "scanner", "guess" + i);
    }
    assertThat(check("10.0.9.4", "scanner", "secret"))
        .as("after a guess of its own")
        .isEqualTo(
            new AccountResult.Unavailable(
                "too many wrong passwords for this login; passwords are not checked for another 2 s"));
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
  }

  @Test
  void guessesAtALoginDoNotStopADeviceThatSignsInHourly() {
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
    for (int hour = 0; hour < 17; hour++) {
      clock.addAndGet(Duration.ofHours(1).toNanos());
      for (int i = 0; i < 7; i++) {
        check("10.0." + i + ".9", "scanner", "guess");
      }
      assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
    }
  }

  @Test
  void newAccountsApplyAtOnce() {
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Known.class);
    book.replace(
        List.of(
            new AccountEntry(
                "scanner",
                PasswordHash.of("other".toCharArray()),
                List.of(),
                SCANNER,
                ACCESS,
                true)));
    assertThat(check("10.0.0.1", "scanner", "secret")).isInstanceOf(AccountResult.Unknown.class);
    assertThat(check("10.0.0.1", "scanner", "other")).isInstanceOf(AccountResult.Known.class);
    assertThat(book.size()).isEqualTo(1);
    assertThat(book.mailboxes()).containsExactly("scanner@contoso.example");
  }

  @Test
  void refusesADisabledAccount() {
    AccountResult.Known scanner = (AccountResult.Known) check("10.0.0.1", "scanner", "secret");
    AccountResult.Known lab = (AccountResult.Known) check("10.9.0.1", null, "");
    book.replace(
        List.of(
            new AccountEntry("scanner", SECRET, List.of(), SCANNER, ACCESS, false),
            new AccountEntry(null, null, blocks("10.9.0.0/16"), LAB, ACCESS, false)));
    assertThat(scanner.standing().holds()).isFalse();
    assertThat(lab.standing().holds()).isFalse();
    assertThat(check("10.0.0.1", "scanner", "secret"))
        .isEqualTo(
            new AccountResult.Unknown(
                "account scanner@contoso.example is disabled; enable it if it is needed"));
    assertThat(check("10.9.0.1", null, ""))
        .isEqualTo(
            new AccountResult.Unknown(
                "account lab@contoso.example is disabled; enable it if it is needed"));
  }

  @Test
  void keepsTheLatestSignInOfEachAccount() {
    assertThat(times.with(Map.of())).as("a password alone is no sign-in").isEmpty();
    book.replace(List.of(fax(SECRET, FAX), lab(LAB, "10.9.0.0/24", "fd09::/64")));
    ((AccountResult.Known) check("10.1.2.9", "Fax", "secret")).standing().signedIn();
    ((AccountResult.Known) check("10.9.0.1", null, "")).standing().signedIn();
    assertThat(times.with(Map.of()))
        .hasEntrySatisfying("fax", last -> assertThat(last.from()).isEqualTo("10.1.2.9"))
        .hasEntrySatisfying(
            "10.9.0.0/24, fd09:0:0:0:0:0:0:0/64",
            last -> assertThat(last.from()).isEqualTo("10.9.0.1"));
    AccountResult.Known removed = (AccountResult.Known) check("10.1.2.9", "fax", "secret");
    book.replace(List.of(lab(LAB, "10.9.0.0/24", "fd09::/64")));
    removed.standing().signedIn();
    assertThat(times.with(Map.of())).containsOnlyKeys("10.9.0.0/24, fd09:0:0:0:0:0:0:0/64");
  }

  @Test
  void aFarmWithOnePasswordCostsOneHash() {
    // Slow enough that 300 of them would take minutes.
    book.replace(
        List.of(
            new AccountEntry(
                "scanner",
                PasswordHash.parse(
                    "$argon2id$v=19$m=65536,t=3,p=1$+UCBuPaDwpolmf4mkvQ4lA$m3O7Kk8COAOsiniV1CKSNC0aFKErydTx+IoMBg91dzc"),
                List.of(),
                SCANNER,
                ACCESS,
                true)));
    List<CompletionStage<AccountResult>> answers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      answers.add(
          book.check(
              request(
                  "10.0." + i / 100 + "." + i % 100,
                  new Credential("scanner", "secret".toCharArray()))));
    }
    assertThat(answers)
        .allSatisfy(answer -> assertThat(done(answer)).isInstanceOf(AccountResult.Known.class));
  }

  @Test
  void refusesChecksBeyondTheQueueForNow() {
    List<CompletionStage<AccountResult>> answers = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      answers.add(
          book.check(
              request(
                  "10.0." + i / 100 + "." + i % 100,
                  new Credential("login" + i, ("guess" + i).toCharArray()))));
    }
    List<AccountResult> done = answers.stream().map(AccountBookTest::done).toList();
    assertThat(done)
        .hasAtLeastOneElementOfType(AccountResult.Unknown.class)
        .anySatisfy(
            answer ->
                assertThat(answer)
                    .isInstanceOfSatisfying(
                        AccountResult.Unavailable.class,
                        busy ->
                            assertThat(busy.why())
                                .startsWith("too many password checks at a time")));
  }

  @Test
  void closeCompletesWaitingChecks() {
    List<CompletionStage<AccountResult>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(
          book.check(request("10.0.0." + i, new Credential("login" + i, ("x" + i).toCharArray()))));
    }
    book.close();
    assertThat(answers).allSatisfy(answer -> assertThat(done(answer)).isNotNull());
    assertThat(check("10.0.1.1", "scanner", "secret"))
        .isInstanceOf(AccountResult.Unavailable.class);
  }

  private AccountResult check(String device, @Nullable String login, String password) {
    return done(
        book.check(
            request(device, login == null ? null : new Credential(login, password.toCharArray()))));
  }

  private static SignInRequest request(String device, @Nullable Credential credential) {
    try {
      return new SignInRequest(InetAddress.getByName(device), MailProtocol.SMTP, credential);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }

  private static AccountResult done(CompletionStage<AccountResult> answer) {
    return answer.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static List<Cidr> blocks(String... blocks) {
    return Arrays.stream(blocks).map(Cidr::parse).toList();
  }
}
