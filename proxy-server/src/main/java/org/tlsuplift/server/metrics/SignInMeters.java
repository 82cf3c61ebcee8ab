package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The meters of accounts and tokens. All suppliers are called at each scrape, on any thread; they
 * must be fast and must not block.
 */
public final class SignInMeters {
  private final MeterRegistry registry;
  private final Consumer<Meter> added;

  SignInMeters(MeterRegistry registry, Consumer<Meter> added) {
    this.registry = registry;
    this.added = added;
  }

  /**
   * Adds the meters of the accounts.
   *
   * @param number of accounts
   * @param fileBad whether the accounts file has errors or is not shared
   */
  public void observeAccounts(LongSupplier number, BooleanSupplier fileBad) {
    added.accept(MailMetricNames.ACCOUNTS.gauge(registry, number::getAsLong));
    added.accept(
        MailMetricNames.ACCOUNTS_FILE_BAD.gauge(registry, () -> fileBad.getAsBoolean() ? 1 : 0));
  }

  /** Registers the outcomes of a tenant's token requests. */
  public void expectTokens(String tenant, Collection<String> outcomes) {
    outcomes.forEach(outcome -> MailMetricNames.TOKEN_REQUESTS.counter(registry, tenant, outcome));
  }

  /** Counts a token request; tenant and outcome must be registered. */
  public void tokenAsked(String tenant, String outcome) {
    MailMetricNames.TOKEN_REQUESTS.counter(registry, tenant, outcome).increment();
  }

  /**
   * Adds the meters of a tenant's tokens.
   *
   * @param tenant its configured name
   * @param usable number of usable tokens
   * @param missing number of missing tokens
   * @param firstExpiry when the first usable token expires
   */
  public void observeTokens(
      String tenant,
      LongSupplier usable,
      LongSupplier missing,
      Supplier<Optional<Instant>> firstExpiry) {
    added.accept(MailMetricNames.TOKENS.gauge(registry, usable::getAsLong, tenant, "usable"));
    added.accept(MailMetricNames.TOKENS.gauge(registry, missing::getAsLong, tenant, "missing"));
    added.accept(
        MailMetricNames.TOKEN_EXPIRY.gauge(
            registry, () -> firstExpiry.get().map(Instant::getEpochSecond).orElse(0L), tenant));
  }
}
