package org.tlsuplift.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.signin.HashingPool.Outcome;

/** Comparisons take turns, one for each device, and those that nobody waits for are not made. */
class HashingPoolTest {
  /** bcrypt of "secret", of the lowest cost. */
  private static final PasswordHash SECRET =
      PasswordHash.parse("$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.");

  private final VerifiedPasswordCache digests = new VerifiedPasswordCache(Ticker.systemTicker());
  private final HashingPool hashingPool = new HashingPool("test", 2);
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<String> begun = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    gate.countDown();
    hashingPool.close();
  }

  @Test
  void oneDeviceHasOneComparisonAtATime() {
    CompletableFuture<Outcome> first = compare("10.0.0.1", "one", this::await);
    CompletableFuture<Outcome> second = compare("10.0.0.1", "two", () -> note("second"));
    CompletableFuture<Outcome> other = compare("10.0.0.2", "secret", () -> note("other"));
    assertThat(done(other)).isEqualTo(Outcome.MATCHES);
    assertThat(begun).containsExactly("other");
    gate.countDown();
    assertThat(done(first)).isEqualTo(Outcome.DIFFERS);
    assertThat(done(second)).isEqualTo(Outcome.DIFFERS);
  }

  @Test
  void cancelledComparisonsDoNotStart() throws InterruptedException {
    fillThreads();
    CompletableFuture<Outcome> left = compare("10.0.1.1", "one", () -> note("left"));
    CompletableFuture<Outcome> kept = compare("10.0.1.1", "two", () -> note("kept"));
    left.cancel(false);
    gate.countDown();
    assertThat(done(kept)).isEqualTo(Outcome.DIFFERS);
    assertThat(begun).contains("kept").doesNotContain("left");
  }

  @Test
  void oneOfSeveralMayGiveUp() throws InterruptedException {
    fillThreads();
    CompletableFuture<Outcome> left = compare("10.0.1.1", "secret", () -> note("first"));
    CompletableFuture<Outcome> kept = compare("10.0.1.2", "secret", () -> note("second"));
    left.cancel(false);
    gate.countDown();
    assertThat(done(kept)).isEqualTo(Outcome.MATCHES);
    assertThat(begun).contains("first").doesNotContain("second");
  }

  @Test
  void aSubnetThatFillsTheQueueDoesNotDelayOthers() throws InterruptedException {
    fillThreads();
    List<CompletableFuture<Outcome>> many = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      many.add(compare("10.0.1." + i % 100, "guess" + i, () -> note("many")));
    }
    CompletableFuture<Outcome> other = compare("10.0.2.1", "secret", () -> note("other"));
    gate.countDown();
    assertThat(done(other)).isEqualTo(Outcome.MATCHES);
    assertThat(begun.indexOf("other")).as("it need not wait for all the others").isBetween(0, 9);
    assertThat(many.stream().map(HashingPoolTest::done))
        .contains(Outcome.BUSY, Outcome.DIFFERS)
        .filteredOn(Outcome.DIFFERS::equals)
        .hasSizeLessThanOrEqualTo(100);
  }

  @Test
  void aFullQueueCutsTheLatestJobIfAllSubnetsHaveEquallyMany() throws InterruptedException {
    fillThreads();
    List<CompletableFuture<Outcome>> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.add(compare("10.0." + i + ".1", "guess" + i, () -> note("many")));
    }
    assertThat(many.get(100)).isCompletedWithValue(Outcome.BUSY);
    assertThat(many.subList(0, 100)).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void alternatesBetweenSubnetsAndTheirDevices() {
    List<String> devices =
        List.of("10.0.9.9", "10.0.1.1", "10.0.1.1", "10.0.1.2", "10.0.2.1", "10.0.3.1");
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    try (HashingPool oneThread = new HashingPool("test", 1)) {
      for (String device : devices) {
        String what = device + " " + all.size();
        all.add(compare(oneThread, device, what, () -> note(what) && await()));
      }
      gate.countDown();
      all.forEach(HashingPoolTest::done);
    }
    assertThat(begun)
        .containsExactly(
            "10.0.9.9 0", "10.0.1.1 1", "10.0.2.1 4", "10.0.3.1 5", "10.0.1.2 3", "10.0.1.1 2");
  }

  @Test
  void doesNotCompareWithoutAdmission() {
    assertThat(done(compare("10.0.0.1", "secret", () -> false))).isEqualTo(Outcome.NOT_ADMITTED);
    assertThat(done(compare("10.0.0.1", "secret", () -> true))).isEqualTo(Outcome.MATCHES);
  }

  /** Until the gate opens. A thread that is not busy yet would take what comes next. */
  private void fillThreads() throws InterruptedException {
    CountDownLatch idle = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      var unused =
          compare(
              "10.9.9." + i,
              "filler" + i,
              () -> {
                idle.countDown();
                return await();
              });
    }
    assertThat(idle.await(60, TimeUnit.SECONDS)).isTrue();
  }

  private boolean await() {
    try {
      return gate.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException ended) {
      return false;
    }
  }

  private boolean note(String what) {
    return begun.add(what);
  }

  private CompletableFuture<Outcome> compare(
      String device, String password, BooleanSupplier admission) {
    return compare(hashingPool, device, password, admission);
  }

  private CompletableFuture<Outcome> compare(
      HashingPool pool, String device, String password, BooleanSupplier admission) {
    char[] characters = password.toCharArray();
    return pool.compare(
        digests.digest("login", SECRET, characters),
        address(device),
        SECRET,
        characters,
        admission);
  }

  private static Outcome done(CompletableFuture<Outcome> outcome) {
    return outcome.orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException impossible) {
      throw new IllegalArgumentException(impossible);
    }
  }
}
