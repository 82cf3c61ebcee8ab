package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The meters of accounts and tokens. All suppliers are called at each scrape, on any thread; they
 * are fast and do not block.
 */
public final class SignInMeters {
  private final MeterRegistry registry;

  SignInMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds the meters of the accounts.
   *
   * @param number how many there are
   * @param fileBad whether the file of accounts has mistakes
   */
  public void observeAccounts(LongSupplier number, BooleanSupplier fileBad) {
    MetricNames.ACCOUNTS.gauge(registry, number::getAsLong);
    MetricNames.ACCOUNTS_FILE_BAD.gauge(registry, () -> fileBad.getAsBoolean() ? 1 : 0);
  }

  /** Registers from zero what becomes of requests for tokens. */
  public void expectTokens(Collection<String> outcomes) {
    outcomes.forEach(outcome -> MetricNames.TOKEN_REQUESTS.counter(registry, outcome));
  }

  /** Counts a request for a token; the outcome is one of those that are expected. */
  public void tokenAsked(String outcome) {
    MetricNames.TOKEN_REQUESTS.counter(registry, outcome).increment();
  }

  /**
   * Adds the meters of the tokens.
   *
   * @param usable how many can be used
   * @param missing how many should be there and are not
   * @param firstExpiry when the first of the usable ones expires
   */
  public void observeTokens(
      LongSupplier usable, LongSupplier missing, Supplier<Optional<Instant>> firstExpiry) {
    MetricNames.TOKENS.gauge(registry, usable::getAsLong, "usable");
    MetricNames.TOKENS.gauge(registry, missing::getAsLong, "missing");
    MetricNames.TOKEN_EXPIRY.gauge(
        registry, () -> firstExpiry.get().map(Instant::getEpochSecond).orElse(0L));
  }
}
