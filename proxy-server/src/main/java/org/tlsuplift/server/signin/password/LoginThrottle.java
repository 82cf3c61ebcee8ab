package org.tlsuplift.server.signin.password;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Slows guessing: after five wrong passwords, each further one adds a wait that doubles, from a
 * second to a minute. Entries that are unused for 15 minutes are forgotten, and the least used
 * beyond 100,000. Thread-safe.
 */
final class LoginThrottle<K> {
  private static final int FREE = 5;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int MAX_KEYS = 100_000;

  private final Ticker clock;
  private final Cache<K, Failures> failures;

  /** The number of failures, and until when guesses are refused. */
  private record Failures(int number, long until) {}

  LoginThrottle(Ticker clock) {
    this.clock = clock;
    this.failures =
        Caffeine.newBuilder()
            .ticker(clock)
            .maximumSize(MAX_KEYS)
            .expireAfterWrite(Duration.ofMinutes(15))
            .build();
  }

  /** The wait before the next guess; zero for none. */
  Duration wait(K key) {
    Failures known = failures.getIfPresent(key);
    return known == null
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, known.until() - clock.read()));
  }

  /** Counts a guess as wrong, until {@link #succeeded} is called. */
  void charge(K key) {
    failures.asMap().merge(key, new Failures(1, clock.read()), (known, one) -> next(known));
  }

  /** Forgets all earlier guesses. */
  void succeeded(K key) {
    failures.invalidate(key);
  }

  private Failures next(Failures known) {
    int number = Math.min(known.number() + 1, FREE + 20);
    if (number < FREE) {
      return new Failures(number, clock.read());
    }
    long wait = Math.min(FIRST.toNanos() << (number - FREE), LONGEST.toNanos());
    return new Failures(number, clock.read() + wait);
  }
}
