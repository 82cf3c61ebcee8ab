package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Names and creates one meter, so that its name, labels and help text exist only once.
 *
 * <p>Registering the same labels twice returns the same meter. The unit is the last word of the
 * name if that is a unit. All other meters count things.
 *
 * @param kind how its values are taken
 * @param name in Micrometer's form: with dots, without the suffix of the Prometheus convention
 * @param labels in the order of their values
 * @param help the text of the HELP line
 */
public record MeterName(Kind kind, String name, List<String> labels, String help) {
  enum Kind {
    COUNTER,
    GAUGE,
    TIMER,
    SIZES
  }

  public MeterName {
    labels = List.copyOf(labels);
  }

  public static MeterName counter(String name, List<String> labels, String help) {
    return new MeterName(Kind.COUNTER, name, labels, help);
  }

  public static MeterName counter(String name, String help) {
    return counter(name, List.of(), help);
  }

  public static MeterName gauge(String name, List<String> labels, String help) {
    return new MeterName(Kind.GAUGE, name, labels, help);
  }

  public static MeterName gauge(String name, String help) {
    return gauge(name, List.of(), help);
  }

  public static MeterName timer(String name, List<String> labels, String help) {
    return new MeterName(Kind.TIMER, name, labels, help);
  }

  public static MeterName sizes(String name, List<String> labels, String help) {
    return new MeterName(Kind.SIZES, name, labels, help);
  }

  Counter counter(MeterRegistry registry, String... values) {
    return Counter.builder(name)
        .description(help)
        .baseUnit(unit())
        .tags(tags(values))
        .register(registry);
  }

  /** A counter for a value that another class keeps and never lowers. */
  FunctionCounter counter(MeterRegistry registry, LongSupplier count, String... values) {
    return sum(registry, () -> (double) count.getAsLong(), values);
  }

  /**
   * A counter for a value with fractions that another class keeps and never lowers.
   *
   * <p>A registry references the source weakly and reads 0 after garbage collection. The source is
   * therefore this name, a constant, and the supplier is part of the function, which the registry
   * references strongly.
   */
  FunctionCounter sum(MeterRegistry registry, DoubleSupplier sum, String... values) {
    return FunctionCounter.builder(name, this, self -> sum.getAsDouble())
        .description(help)
        .baseUnit(unit())
        .tags(tags(values))
        .register(registry);
  }

  /**
   * A histogram with exactly these buckets, so that the histograms of several proxies can be added.
   */
  Timer timer(MeterRegistry registry, List<Duration> buckets, String... values) {
    return Timer.builder(name)
        .description(help)
        .tags(tags(values))
        .serviceLevelObjectives(buckets.toArray(Duration[]::new))
        .register(registry);
  }

  /** A histogram of sizes with exactly these buckets, in the unit of the name. */
  DistributionSummary sizes(MeterRegistry registry, List<Double> buckets, String... values) {
    return DistributionSummary.builder(name)
        .description(help)
        .baseUnit(unit())
        .tags(tags(values))
        .serviceLevelObjectives(buckets.stream().mapToDouble(Double::doubleValue).toArray())
        .register(registry);
  }

  /**
   * A gauge that keeps its source alive. A weak reference, the default, would read NaN after
   * garbage collection.
   */
  Gauge gauge(MeterRegistry registry, Supplier<Number> value, String... values) {
    return Gauge.builder(name, value)
        .description(help)
        .baseUnit(unit())
        .tags(tags(values))
        .strongReference(true)
        .register(registry);
  }

  private @Nullable String unit() {
    String last = name.substring(name.lastIndexOf('.') + 1);
    return last.equals("seconds") || last.equals("bytes") ? last : null;
  }

  private Tags tags(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(
          name + " has the labels " + labels + ", but " + values.length + " values were given");
    }
    Tags tags = Tags.empty();
    for (int i = 0; i < values.length; i++) {
      tags = tags.and(labels.get(i), values[i]);
    }
    return tags;
  }
}
