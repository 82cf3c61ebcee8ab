package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.proxy.tls.Leaf;

/** Leaves are made once, outside the caller's thread, and only for permitted names. */
final class LocalCertificateAuthorityTest {
  private static final List<String> NAME = List.of("smtp.office365.com");

  @TempDir static Path temp;
  private static IssuingCa ca;

  private final AtomicInteger minted = new AtomicInteger();
  private final SettableClock clock = new SettableClock(Instant.now());
  private final List<Runnable> queue = new ArrayList<>();

  @BeforeAll
  static void createCa() throws Exception {
    ca = CaFixtures.create(CaFixtures.quick(CaFixtures.NAMES));
  }

  @Test
  void manyThreadsMintOneLeaf() throws Exception {
    ExecutorService signing = Executors.newFixedThreadPool(2);
    ExecutorService askers = Executors.newFixedThreadPool(24);
    try {
      LocalCertificateAuthority authority = authority(signing, LeafSettings.defaults());
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Leaf>> answers = new ArrayList<>();
      for (int i = 0; i < 240; i++) {
        List<String> names = List.of("host" + i % 10 + ".outlook.com", "outlook.com");
        answers.add(
            askers.submit(
                () -> {
                  start.await();
                  return authority.leafFor(names).toCompletableFuture().get();
                }));
      }
      start.countDown();
      Set<String> aliases = new HashSet<>();
      for (Future<Leaf> each : answers) {
        aliases.add(each.get().alias());
      }
      assertThat(aliases).hasSize(10);
      assertThat(minted).hasValue(10);
    } finally {
      askers.shutdownNow();
      signing.shutdownNow();
    }
  }

  @Test
  void signsOnTheExecutorAndAnswersAtOnceFromTheCache() throws Exception {
    LocalCertificateAuthority authority = authority(queue::add, LeafSettings.defaults());
    CompletableFuture<Leaf> first = authority.leafFor(NAME).toCompletableFuture();
    CompletableFuture<Leaf> second = authority.leafFor(NAME).toCompletableFuture();
    assertThat(first).isNotDone();
    assertThat(queue).hasSize(1);
    // A caller that cancels must not cancel the leaf for the others.
    assertThat(first.cancel(true)).isTrue();

    queue.remove(0).run();

    assertThat(second).isCompleted();
    assertThat(authority.leafFor(NAME).toCompletableFuture()).isCompletedWithValue(second.get());
    assertThat(authority.leafFor(List.of("SMTP.office365.com.", "smtp.office365.com")))
        .isCompletedWithValue(second.get());
    assertThat(queue).isEmpty();
    assertThat(minted).hasValue(1);
  }

  @Test
  void leavesOfOneAuthorityShareOneKeyButNoAliasOrSerial() {
    Leaf one = Leaves.leaf(ca, "outlook.com");
    Leaf other = Leaves.leaf(ca, "outlook.com");
    BigInteger serial = one.chain().get(0).getSerialNumber();
    assertThat(one.alias()).startsWith("outlook.com#");
    assertThat(other.alias()).isNotEqualTo(one.alias());
    assertThat(other.key()).isEqualTo(one.key());
    assertThat(serial.signum()).isPositive();
    assertThat(serial.toByteArray()).hasSize(16);
  }

  @Test
  void boundsTheLeafCache() {
    LocalCertificateAuthority authority =
        authority(
            Runnable::run,
            new LeafSettings(
                SignatureHash.SHA384, 3, LeafSettings.DEFAULT_LIFETIME, LeafForm.USUAL));
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 30; i++) {
        Leaf leaf =
            authority.leafFor(List.of("h" + i + ".outlook.com")).toCompletableFuture().join();
        assertThat(leaf.chain().get(0).getSigAlgName()).isEqualTo("SHA384withECDSA");
      }
    }
    assertThat(minted.get()).isGreaterThanOrEqualTo(57);
  }

  @Test
  void replacesALeafAtHalfItsLifeAndOnce() throws Exception {
    LocalCertificateAuthority authority = authority(Runnable::run, LeafSettings.defaults());
    Leaf first = authority.leafFor(NAME).toCompletableFuture().get();
    clock.advance(Duration.ofDays(14));
    assertThat(authority.leafFor(NAME).toCompletableFuture().get()).isEqualTo(first);
    clock.advance(Duration.ofDays(2));
    Leaf second = authority.leafFor(NAME).toCompletableFuture().get();
    assertThat(second.alias()).isNotEqualTo(first.alias());
    assertThat(authority.leafFor(NAME).toCompletableFuture().get()).isEqualTo(second);
    assertThat(minted).hasValue(2);
  }

  @Test
  void renewalByManyThreadsMintsOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      LocalCertificateAuthority authority = authority(pool, LeafSettings.defaults());
      authority.leafFor(NAME).toCompletableFuture().get();
      clock.advance(Duration.ofDays(20));
      List<Future<Leaf>> answers = new ArrayList<>();
      CountDownLatch start = new CountDownLatch(1);
      for (int i = 0; i < 12; i++) {
        answers.add(
            pool.submit(
                () -> {
                  start.await();
                  return authority.leafFor(NAME).toCompletableFuture().get();
                }));
      }
      start.countDown();
      Set<String> aliases = new HashSet<>();
      for (Future<Leaf> each : answers) {
        aliases.add(each.get().alias());
      }
      assertThat(aliases).hasSize(1);
      assertThat(minted).hasValue(2);
    } finally {
      pool.shutdownNow();
    }
  }

  /** As in a process that runs for a year, at any hour of the day. */
  @Test
  void presentedLeavesHaveHalfOfTheirLifetimeLeft() throws Exception {
    LocalCertificateAuthority authority = authority(Runnable::run, LeafSettings.defaults());
    for (int hour = 0; hour < 365 * 24; hour += 7) {
      X509Certificate shown = authority.leafFor(NAME).toCompletableFuture().get().chain().get(0);
      Duration left = Duration.between(clock.instant(), shown.getNotAfter().toInstant());
      assertThat(left)
          .isBetween(
              LeafSettings.DEFAULT_LIFETIME.dividedBy(2).minusSeconds(1),
              LeafSettings.DEFAULT_LIFETIME);
      assertThat(shown.getNotBefore().toInstant()).isEqualTo(CaSettings.DEFAULT_VALID_FROM);
      clock.advance(Duration.ofHours(7));
    }
    assertThat(minted.get()).isBetween(24, 26);
  }

  @Test
  void presentsTheOldLeafWhileItsSuccessorCannotBeSigned() throws Exception {
    AtomicBoolean full = new AtomicBoolean();
    AtomicBoolean broken = new AtomicBoolean();
    LocalCertificateAuthority authority =
        new LocalCertificateAuthority(
            ca,
            LeafSettings.defaults(),
            task -> {
              if (full.get()) {
                throw new RejectedExecutionException("full");
              }
              task.run();
            },
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("cannot sign");
              }
            },
            Leaves.KEY,
            clock);
    Leaf first = authority.leafFor(NAME).toCompletableFuture().get();
    clock.advance(Duration.ofDays(20));
    full.set(true);
    assertThat(authority.leafFor(NAME)).isCompletedWithValue(first);
    full.set(false);
    broken.set(true);
    assertThat(authority.leafFor(NAME)).isCompletedWithValue(first);
    clock.advance(Duration.ofDays(10));
    unavailable(authority.leafFor(NAME), "signing failed");
    broken.set(false);
    assertThat(authority.leafFor(NAME).toCompletableFuture().get()).isNotEqualTo(first);
  }

  @Test
  void theFirstLeafWaitsForItsKeys() throws Exception {
    Deque<Runnable> tasks = new ArrayDeque<>();
    LocalCertificateAuthority authority =
        new LocalCertificateAuthority(
            ca, LeafSettings.defaults(), tasks::add, minted::incrementAndGet);
    CompletionStage<Leaf> first = authority.leafFor(NAME);
    assertThat(first.toCompletableFuture()).isNotDone();
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    authority.awaitKeys();
    Leaf leaf = first.toCompletableFuture().get();
    assertThat(((RSAPrivateCrtKey) leaf.key()).getModulus().bitLength()).isEqualTo(2048);
    assertThat(authority.leafFor(NAME)).isCompletedWithValue(leaf);
  }

  @Test
  void aFailedMintIsNotKept() {
    LocalCertificateAuthority authority = authority(Runnable::run, LeafSettings.defaults());
    Instant good = clock.instant();
    clock.set(ca.expiresAt().plusSeconds(1));
    assertThatThrownBy(() -> authority.leafFor(NAME).toCompletableFuture().get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll("the CA expired on", "tls-uplift ca stage");
    assertThat(minted).hasValue(0);
    clock.set(good);
    assertThat(authority.leafFor(NAME).toCompletableFuture()).isCompleted();
  }

  @Test
  void reportsAnUnexpectedFailureAndTriesAgain() {
    AtomicBoolean broken = new AtomicBoolean(true);
    LocalCertificateAuthority authority =
        new LocalCertificateAuthority(
            ca,
            LeafSettings.defaults(),
            Runnable::run,
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("meter is gone");
              }
            },
            Leaves.KEY,
            clock);
    unavailable(authority.leafFor(NAME), "signing failed");
    broken.set(false);
    assertThat(authority.leafFor(NAME)).isCompleted();
  }

  @Test
  void aFullExecutorFailsTheResult() {
    AtomicBoolean full = new AtomicBoolean(true);
    LocalCertificateAuthority authority =
        authority(
            task -> {
              if (full.get()) {
                throw new RejectedExecutionException("full");
              }
              task.run();
            },
            LeafSettings.defaults());
    unavailable(authority.leafFor(NAME), "too many are being signed");
    full.set(false);
    assertThat(authority.leafFor(NAME)).isCompleted();
  }

  @Test
  void refusesNamesThatTheCaMayNotSign() {
    LocalCertificateAuthority authority = authority(queue::add, LeafSettings.defaults());
    assertThat(authority.maySign("evil.example")).isFalse();
    assertThat(authority.maySign("smtp.office365.com")).isTrue();
    unavailable(
        authority.leafFor(List.of("outlook.com", "evil.example")),
        "evil.example",
        "add a route",
        "tls-uplift ca stage");
    unavailable(authority.leafFor(List.of("198.51.100.1")), "198.51.100.1");
    assertThat(queue).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "x\nforged log line",
        "*.com",
        "a.*.outlook.com",
        "..",
        "1::2::3",
        ".:1",
        "\u00e4.outlook.com"
      })
  void refusesInvalidNames(String name) {
    unavailable(authority(queue::add, LeafSettings.defaults()).leafFor(List.of(name)), "neither");
  }

  @Test
  void refusesAnEmptyAndAnOverlongListOfNames() {
    LocalCertificateAuthority authority = authority(queue::add, LeafSettings.defaults());
    unavailable(authority.leafFor(List.of()), "0 names");
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.add("h" + i + ".outlook.com");
    }
    unavailable(authority.leafFor(many), "101 names");
  }

  @Test
  void aLeafIsValidForDevicesWhoseClockWasReset() throws Exception {
    Leaf leaf = Leaves.leaf(ca, "outlook.com");
    CaFixtures.validate(leaf, ca.anchor(), CaSettings.DEFAULT_VALID_FROM);
    CaFixtures.validate(leaf, ca.anchor(), Instant.now().plus(Duration.ofDays(29)));
    // Apple's 825 days apply only to certificates that start after 2019-07-01.
    assertThat(leaf.chain().get(0).getNotBefore().toInstant()).isBefore("2019-07-01T00:00:00Z");
  }

  @Test
  void aLeafDoesNotOutliveItsCa() throws Exception {
    clock.set(ca.expiresAt().minus(Duration.ofDays(10)));
    X509Certificate leaf =
        authority(Runnable::run, LeafSettings.defaults())
            .leafFor(NAME)
            .toCompletableFuture()
            .get()
            .chain()
            .get(0);
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo(ca.expiresAt());
  }

  @Test
  void neverShowsTheLeafKey() {
    Leaf leaf = Leaves.leaf(ca, "outlook.com");
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) leaf.key();
    for (BigInteger secret : List.of(key.getPrivateExponent(), key.getPrimeP(), key.getPrimeQ())) {
      assertThat(leaf.toString()).doesNotContain(secret.toString(), secret.toString(16));
    }
  }

  private LocalCertificateAuthority authority(Executor executor, LeafSettings settings) {
    return new LocalCertificateAuthority(
        ca, settings, executor, minted::incrementAndGet, Leaves.KEY, clock);
  }

  private static void unavailable(CompletionStage<Leaf> answer, String... parts) {
    List<Throwable> failures = new ArrayList<>();
    // A handler gets the exception itself, without a wrapper.
    var unused =
        answer.whenComplete(
            (leaf, thrown) -> {
              if (thrown != null) {
                failures.add(thrown);
              }
            });
    assertThat(failures)
        .singleElement(InstanceOfAssertFactories.THROWABLE)
        .isInstanceOf(OperatorException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }
}
