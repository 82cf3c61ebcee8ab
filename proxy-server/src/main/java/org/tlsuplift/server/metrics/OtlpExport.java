package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.AggregationTemporality;
import io.micrometer.registry.otlp.CompressionMode;
import io.micrometer.registry.otlp.HistogramFlavor;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends all meters to an OTLP receiver, from its own thread.
 *
 * <p>Names, labels and buckets are those of {@link MetricNames}, with dots. A Prometheus server
 * that receives OTLP converts them into the names of its scrapes.
 */
final class OtlpExport implements AutoCloseable {
  private final OtlpSender sender = new OtlpSender(Clock.systemUTC());
  private final OtlpMeterRegistry registry;

  /** Starts the exports. The first one follows after one interval. */
  OtlpExport(OtlpTarget target, String version) {
    registry =
        OtlpMeterRegistry.builder(new Settings(target, version))
            .threadFactory(new DefaultThreadFactory("uplift-otlp", true))
            .metricsSender(sender)
            .build();
  }

  MeterRegistry registry() {
    return registry;
  }

  /** Exports a last time, unless the receiver is unreachable. Waits at most twice the timeout. */
  @Override
  public void close() {
    sender.close();
    registry.close();
  }

  /** Sets every value, so that no environment variable changes the destination of the metrics. */
  private record Settings(OtlpTarget target, String version) implements OtlpConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public String url() {
      return target.url().toString();
    }

    @Override
    public Duration step() {
      return target.interval();
    }

    @Override
    public Map<String, String> headers() {
      return target.headers();
    }

    @Override
    public Map<String, String> resourceAttributes() {
      return Map.of(
          "service.name",
          "tls-uplift",
          "service.version",
          version,
          "service.instance.id",
          target.instance());
    }

    @Override
    public AggregationTemporality aggregationTemporality() {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public HistogramFlavor histogramFlavor() {
      return HistogramFlavor.EXPLICIT_BUCKET_HISTOGRAM;
    }

    @Override
    public CompressionMode compressionMode() {
      return CompressionMode.NONE;
    }

    /** Names end in seconds. */
    @Override
    public TimeUnit baseTimeUnit() {
      return TimeUnit.SECONDS;
    }
  }
}
