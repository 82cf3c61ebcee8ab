package org.tlsuplift.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.server.signin.PasswordVerdict.Right;
import org.tlsuplift.server.signin.PasswordVerdict.Slowed;
import org.tlsuplift.server.signin.PasswordVerdict.Wrong;

/** Guessing is slowed, and those who know the password go on meanwhile. */
class PasswordChecksTest {
  /** bcrypt of "secret", of the lowest cost. */
  private static final PasswordHash SECRET =
      PasswordHash.parse("$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.");

  private final AtomicLong clock = new AtomicLong();
  private final PasswordChecks checks =
      new PasswordChecks("test", DeviceNetworks.DEFAULT, clock::get);

  @AfterEach
  void close() {
    checks.close();
  }

  @Test
  void anAddressIsTrustedForThirtyDaysWhileOthersGuess() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    clock.addAndGet(Duration.ofDays(29).toNanos());
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    clock.addAndGet(Duration.ofDays(29).toNanos());
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "secret"))
        .as("each success counts 30 days again")
        .isInstanceOf(Right.class);
  }

  @Test
  void anUnknownDeviceIsCheckedWhileTheLoginIsSlowed() {
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void aGuesserHasOneGuessADayWhileALoginIsSlowed() {
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "guess")).isInstanceOf(Wrong.class);
    assertThat(check("10.0.0.1", "secret"))
        .isInstanceOfSatisfying(Slowed.class, slowed -> assertThat(slowed.byLogin()).isTrue());
    clock.addAndGet(Duration.ofDays(1).toNanos());
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void guessesAtOnceAreChargedBeforeTheyAreCompared() {
    List<CompletableFuture<PasswordVerdict>> verdicts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      verdicts.add(start("10.0.0.1", "login" + i, "guess" + i));
    }
    assertThat(verdicts.stream().map(PasswordChecksTest::done).filter(Wrong.class::isInstance))
        .hasSize(5);
  }

  @Test
  void guessesOfAnIpv6NetworkAreOneDevices() {
    for (int i = 1; i <= 5; i++) {
      assertThat(done(start("2001:db8:1:2::" + i, "login" + i, "x"))).isInstanceOf(Wrong.class);
    }
    assertThat(check("2001:db8:1:2:3::1", "secret"))
        .isInstanceOfSatisfying(Slowed.class, slowed -> assertThat(slowed.byLogin()).isFalse());
    assertThat(check("2001:db8:1:3::1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void aTrustedAddressWorksWhileItsNetworkGuesses() {
    assertThat(check("2001:db8:1:2::1", "secret")).isInstanceOf(Right.class);
    for (int i = 0; i < 9; i++) {
      check("2001:db8:1:2::ff", "guess" + i);
    }
    assertThat(check("2001:db8:1:2::1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void refusesTheRightPasswordOfADeviceThatIsNotAdmitted() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    assertThat(done(checks.check(address("10.0.0.1"), "scanner", SECRET, chars("secret"), false)))
        .isInstanceOf(Wrong.class);
    assertThat(done(checks.check(address("10.0.0.2"), "other", SECRET, chars("secret"), false)))
        .isInstanceOf(Wrong.class);
  }

  @Test
  void signingInToOnesOwnAccountDoesNotLiftTheLimits() {
    int compared = 0;
    for (int i = 0; i < 22; i++) {
      assertThat(done(start("10.0.0.66", "own", "secret")))
          .as("the guesser's own account works")
          .isInstanceOf(Right.class);
      if (check("10.0.0.66", "guess" + i) instanceof Wrong) {
        compared++;
      }
      clock.addAndGet(Duration.ofMillis(10).toNanos());
    }
    assertThat(compared).isEqualTo(5);
    clock.addAndGet(Duration.ofHours(1).toNanos());
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.66", "guess of a marked guesser"))
        .as("the address stays marked as a guesser for a day")
        .isInstanceOfSatisfying(Slowed.class, slowed -> assertThat(slowed.byLogin()).isTrue());
  }

  @Test
  void eightConnectionsAndTheirOwnAccountsDoNotLiftTheLimits() throws Exception {
    AtomicInteger compared = new AtomicInteger();
    ExecutorService connections = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> guessers = new ArrayList<>();
      for (int connection = 0; connection < 8; connection++) {
        String own = "own" + connection;
        guessers.add(
            () -> {
              for (int i = 0; i < 10; i++) {
                done(start("10.0.0.66", own, "secret"));
                if (check("10.0.0.66", own + "guess" + i) instanceof Wrong) {
                  compared.incrementAndGet();
                }
              }
              return null;
            });
      }
      for (Future<Void> each : connections.invokeAll(guessers)) {
        each.get();
      }
    } finally {
      connections.shutdownNow();
    }
    assertThat(compared).hasValueLessThanOrEqualTo(5);
  }

  @Test
  void failuresOfAnAddressEndWithTime() {
    for (int i = 0; i < 5; i++) {
      check("10.0.0.1", "guess" + i);
    }
    assertThat(check("10.0.0.1", "one more")).isInstanceOf(Slowed.class);
    clock.addAndGet(Duration.ofMinutes(15).toNanos());
    for (int i = 0; i < 4; i++) {
      assertThat(check("10.0.0.1", "later guess" + i)).isInstanceOf(Wrong.class);
      clock.addAndGet(1);
    }
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void aRightPasswordCountsAsNoGuess() {
    for (int i = 0; i < 20; i++) {
      assertThat(done(start("10.0.0.1", "login" + i, "secret"))).isInstanceOf(Right.class);
    }
    guessUntilTheLoginIsSlowed();
    assertThat(check("10.0.0.1", "secret"))
        .as("an address without a wrong password gets its comparison")
        .isInstanceOf(Right.class);
  }

  @Test
  void aDeviceThatRepeatsItsOldPasswordDoesNotSlowItsNeighbours() {
    for (int i = 0; i < 200; i++) {
      assertThat(check("10.0.0.1", "old password")).isInstanceOf(Wrong.class);
      clock.addAndGet(Duration.ofSeconds(10).toNanos());
    }
    assertThat(done(start("10.0.0.1", "neighbour", "secret"))).isInstanceOf(Right.class);
  }

  @Test
  void aGuesserAtATrustedAddressHasAHundredGuessesADay() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    slow("10.0.0.1");
    for (int i = 0; i < 99; i++) {
      assertThat(check("10.0.0.1", "guess" + i)).isInstanceOf(Slowed.class);
      assertThat(check("10.0.0.1", "secret")).as("the device itself").isInstanceOf(Right.class);
    }
    for (int i = 0; i < 20; i++) {
      check("10.0.0.1", "guess98");
    }
    assertThat(check("10.0.0.1", "secret"))
        .as("the same guess counts once")
        .isInstanceOf(Right.class);
    check("10.0.0.1", "guess99");
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Slowed.class);

    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(check("10.0.0.1", "secret"))
        .as("the device works again when the address need not wait")
        .isInstanceOf(Right.class);
    slow("10.0.0.1");
    assertThat(check("10.0.0.1", "secret")).as("the day is not over").isInstanceOf(Slowed.class);
    clock.addAndGet(Duration.ofDays(1).toNanos());
    slow("10.0.0.1");
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void guessesAtOneLoginDoNotSlowOtherDevicesAtTheAddress() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    assertThat(done(start("10.0.0.1", "fax", "secret"))).isInstanceOf(Right.class);
    slow("10.0.0.1");
    for (int i = 0; i < 300; i++) {
      check("10.0.0.1", "guess" + i);
    }
    assertThat(done(start("10.0.0.1", "fax", "secret"))).isInstanceOf(Right.class);
  }

  @Test
  void aSlowedLoginGivesAProvenAddressNoUnlimitedGuesses() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    assertThat(check("10.0.0.1", "first guess")).isInstanceOf(Wrong.class);
    guessUntilTheLoginIsSlowed();
    for (int i = 0; i < 200; i++) {
      assertThat(check("10.0.0.1", "guess" + i)).isInstanceOf(Slowed.class);
    }
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Slowed.class);
  }

  @Test
  void waitingGuessesAreChargedAtATrustedAddress() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    List<CompletableFuture<PasswordVerdict>> verdicts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      verdicts.add(start("10.0.0.1", "scanner", "guess" + i));
    }
    assertThat(verdicts.subList(5, 50))
        .allSatisfy(
            verdict -> assertThat(verdict).isCompletedWithValueMatching(Slowed.class::isInstance));
    verdicts.forEach(PasswordChecksTest::done);
  }

  @Test
  void aWrongTokenCountsOnce() {
    for (int i = 0; i < 50; i++) {
      assertThat(checks.refuse(address("10.0.0.1"), "old token")).isZero();
    }
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    for (int i = 0; i < 4; i++) {
      assertThat(checks.refuse(address("10.0.0.1"), "token" + i)).isZero();
    }
    assertThat(checks.refuse(address("10.0.0.1"), "token of a guesser")).isPositive();
  }

  /** Guesses at other logins, until the address must wait. */
  private void slow(String device) {
    for (int i = 0; i < 6; i++) {
      done(start(device, "other" + clock.get() + i, "guess"));
    }
    assertThat(done(start(device, "other", "guess" + clock.get()))).isInstanceOf(Slowed.class);
  }

  /** From addresses that guess once each. */
  private void guessUntilTheLoginIsSlowed() {
    for (int i = 0; i < 7; i++) {
      check("10.9.9." + i, "guess");
    }
    assertThat(check("10.9.9.6", "other guess")).isInstanceOf(Slowed.class);
  }

  private PasswordVerdict check(String device, String password) {
    return done(start(device, "scanner", password));
  }

  private CompletableFuture<PasswordVerdict> start(String device, String login, String password) {
    return checks.check(address(device), login, SECRET, chars(password), true);
  }

  private static char[] chars(String text) {
    return text.toCharArray();
  }

  private static PasswordVerdict done(CompletableFuture<PasswordVerdict> verdict) {
    return verdict.orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }
}
