package org.tlsuplift.server.signin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.background.Backoff;

/**
 * Slows guessing: after five wrong passwords, each further one adds a wait that doubles, from a
 * second to a minute. Only time ends this: after 15 minutes without a guess, counting starts again.
 * Keys are remembered for a day, and the least used beyond 100,000 are forgotten. Thread-safe.
 */
final class LoginThrottle<K> {
  private static final int FREE_FAILURES = 5;
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));
  private static final Duration COUNTED = Duration.ofMinutes(15);
  private static final Duration RETENTION = Duration.ofDays(1);
  private static final int MAX_KEYS = 100_000;

  private final Ticker clock;
  private final Cache<K, Failures> failures;

  /** The number of failures, the time of the latest, and until when guesses are refused. */
  private record Failures(int number, long latest, long until) {}

  LoginThrottle(Ticker clock) {
    this.clock = clock;
    this.failures =
        Caffeine.newBuilder()
            .ticker(clock)
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(RETENTION)
            .build();
  }

  /** The wait before the next guess; zero for none. */
  Duration wait(K key) {
    Failures known = failures.getIfPresent(key);
    return known == null
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, known.until() - clock.read()));
  }

  /** Whether a password was wrong within a day. */
  boolean hasFailed(K key) {
    Failures known = failures.getIfPresent(key);
    return known != null && clock.read() - known.latest() < RETENTION.toNanos();
  }

  /**
   * Counts a guess as wrong.
   *
   * @return takes back this guess only, if the password was correct
   */
  Runnable charge(K key) {
    Failures[] before = new Failures[1];
    Failures after =
        failures
            .asMap()
            .compute(
                key,
                (unused, known) -> {
                  before[0] = known;
                  return next(known);
                });
    return () -> undo(key, before[0], after);
  }

  private void undo(K key, @Nullable Failures before, @Nullable Failures after) {
    failures
        .asMap()
        .computeIfPresent(
            key,
            (unused, known) -> {
              if (known.equals(after)) {
                return before;
              }
              // Others guessed meanwhile, and their wait remains.
              return known.number() == 1
                  ? null
                  : new Failures(known.number() - 1, known.latest(), known.until());
            });
  }

  private Failures next(@Nullable Failures known) {
    long now = clock.read();
    int number =
        known == null || now - known.latest() >= COUNTED.toNanos()
            ? 1
            : Math.min(known.number() + 1, FREE_FAILURES + 20);
    if (number < FREE_FAILURES) {
      return new Failures(number, now, now);
    }
    return new Failures(number, now, now + BACKOFF.after(number - FREE_FAILURES + 1).toNanos());
  }
}
