package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/**
 * The meters whose sources a configuration creates. The next configuration removes them and adds
 * its own. One thread at a time may use it.
 */
public final class ConfigurationMeters extends Meters implements AutoCloseable {
  private final List<Meter> meters;

  ConfigurationMeters(MeterRegistry registry) {
    this(registry, new ArrayList<>());
  }

  private ConfigurationMeters(MeterRegistry registry, List<Meter> meters) {
    super(registry, meters::add);
    this.meters = meters;
  }

  /** Removes all meters. */
  @Override
  public void close() {
    meters.forEach(registry()::remove);
    meters.clear();
  }
}
