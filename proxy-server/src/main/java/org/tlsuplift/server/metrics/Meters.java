package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Registers meters whose values other classes keep, and removes them together. Each source is
 * called at each scrape, on any thread; it must be fast and must not block. The values of labels
 * follow in the order of the labels. Thread-safe.
 */
public final class Meters implements AutoCloseable {
  private final MeterRegistry registry;
  private final Lock removing;
  private final List<Meter> added = new ArrayList<>();

  /**
   * Registers nothing yet.
   *
   * @param removing held while meters are removed
   */
  Meters(MeterRegistry registry, Lock removing) {
    this.registry = registry;
    this.removing = removing;
  }

  MeterRegistry registry() {
    return registry;
  }

  public void gauge(MeterName name, Supplier<Number> value, String... labels) {
    add(name.gauge(registry, value, labels));
  }

  /** A gauge that is 1 for true and 0 for false. */
  public void flag(MeterName name, BooleanSupplier value, String... labels) {
    gauge(name, () -> value.getAsBoolean() ? 1 : 0, labels);
  }

  /** A gauge in seconds since the Unix epoch. */
  public void time(MeterName name, Supplier<Instant> value, String... labels) {
    gauge(name, () -> value.get().getEpochSecond(), labels);
  }

  /** A gauge in seconds since the Unix epoch; 0 if there is no such time. */
  public void timeOrZero(MeterName name, Supplier<Optional<Instant>> value, String... labels) {
    gauge(name, () -> value.get().map(Instant::getEpochSecond).orElse(0L), labels);
  }

  /**
   * A counter.
   *
   * @param value never falls
   */
  public void counter(MeterName name, LongSupplier value, String... labels) {
    add(name.counter(registry, value, labels));
  }

  synchronized void add(Meter meter) {
    added.add(meter);
  }

  /** Removes what was registered or added here. */
  @Override
  public synchronized void close() {
    removing.lock();
    try {
      added.forEach(registry::remove);
      added.clear();
    } finally {
      removing.unlock();
    }
  }
}
