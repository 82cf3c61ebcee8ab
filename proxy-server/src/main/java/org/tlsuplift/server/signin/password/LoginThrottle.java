package org.tlsuplift.server.signin.password;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Slows guessing: after five wrong passwords each further one is followed by a wait that doubles,
 * from a second up to a minute. What has not been heard of for a quarter of an hour is forgotten,
 * and so is the least used beyond 100,000. Thread-safe.
 */
final class LoginThrottle<K> {
  private static final int FREE = 5;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int MAX_KEYS = 100_000;

  private final Ticker clock;
  private final Cache<K, Failures> failures;

  /** How often it went wrong, and until when nothing more is looked at. */
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

  /** How long a guess has to wait; zero when it may be made now. */
  Duration wait(K key) {
    Failures known = failures.getIfPresent(key);
    return known == null
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, known.until() - clock.read()));
  }

  /** A guess is made: it counts as wrong until {@link #succeeded} says otherwise. */
  void charge(K key) {
    failures.asMap().merge(key, new Failures(1, clock.read()), (known, one) -> next(known));
  }

  /** A guess was right: those before it are forgotten. */
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
