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
 * must be fast and must not block.
 */
public final class SignInMeters {
  private final MeterRegistry registry;

  SignInMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds the meters of the accounts.
   *
   * @param number of accounts
   * @param fileBad whether the accounts file has errors
   */
  public void observeAccounts(LongSupplier number, BooleanSupplier fileBad) {
    MetricNames.ACCOUNTS.gauge(registry, number::getAsLong);
    MetricNames.ACCOUNTS_FILE_BAD.gauge(registry, () -> fileBad.getAsBoolean() ? 1 : 0);
  }

  /** Registers the outcomes of token requests. */
  public void expectTokens(Collection<String> outcomes) {
    outcomes.forEach(outcome -> MetricNames.TOKEN_REQUESTS.counter(registry, outcome));
  }

  /** Counts a token request; the outcome must be registered. */
  public void tokenAsked(String outcome) {
    MetricNames.TOKEN_REQUESTS.counter(registry, outcome).increment();
  }

  /**
   * Adds the meters of the tokens.
   *
   * @param usable number of usable tokens
   * @param missing number of missing tokens
   * @param firstExpiry when the first usable token expires
   */
  public void observeTokens(
      LongSupplier usable, LongSupplier missing, Supplier<Optional<Instant>> firstExpiry) {
    MetricNames.TOKENS.gauge(registry, usable::getAsLong, "usable");
    MetricNames.TOKENS.gauge(registry, missing::getAsLong, "missing");
    MetricNames.TOKEN_EXPIRY.gauge(
        registry, () -> firstExpiry.get().map(Instant::getEpochSecond).orElse(0L));
  }
}
