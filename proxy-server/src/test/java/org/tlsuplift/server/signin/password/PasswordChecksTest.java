package org.tlsuplift.server.signin.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.limit.DeviceNetworks;
import org.tlsuplift.server.signin.password.PasswordVerdict.Right;
import org.tlsuplift.server.signin.password.PasswordVerdict.Slowed;
import org.tlsuplift.server.signin.password.PasswordVerdict.Wrong;

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
  void aDeviceThatHasNotGuessedIsCheckedThoughNothingIsKnownOfIt() {
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
  void aTrustedAddressGoesOnWhileItsNetworkGuesses() {
    assertThat(check("2001:db8:1:2::1", "secret")).isInstanceOf(Right.class);
    for (int i = 0; i < 9; i++) {
      check("2001:db8:1:2::ff", "guess" + i);
    }
    assertThat(check("2001:db8:1:2::1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void aTrustedAddressThatGuessesCannotGuessFaster() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    for (int i = 0; i < 30; i++) {
      check("10.0.0.1", "guess" + i);
    }
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Slowed.class);
    clock.addAndGet(Duration.ofMillis(1001).toNanos());
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
  }

  @Test
  void whatIsNotAdmittedIsNeverRight() {
    assertThat(check("10.0.0.1", "secret")).isInstanceOf(Right.class);
    assertThat(done(checks.check(address("10.0.0.1"), "scanner", SECRET, chars("secret"), false)))
        .isInstanceOf(Wrong.class);
    assertThat(done(checks.check(address("10.0.0.2"), "other", SECRET, chars("secret"), false)))
        .isInstanceOf(Wrong.class);
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
    return verdict.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }
}
