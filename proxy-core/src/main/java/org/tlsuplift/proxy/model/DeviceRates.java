package org.tlsuplift.proxy.model;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A token bucket for each device.
 *
 * <p>Stores when each bucket is full again (the generic cell rate algorithm, ITU-T I.371), for at
 * most {@value #MAX_DEVICES} devices. The least used device is evicted first and then starts with a
 * full bucket. Never blocks. Thread-safe.
 */
public final class DeviceRates {
  private static final int MAX_DEVICES = 100_000;

  private final LongSupplier nanoTime;
  private final long interval;
  private final long tolerance;
  private final Cache<InetAddress, Long> full;

  /**
   * Creates buckets that start full.
   *
   * @param perSecond sustained steps per second, 1 to 1,000,000
   * @param burst steps that a full bucket allows at once, 1 to 1,000,000
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  public DeviceRates(int perSecond, int burst, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.tolerance = interval * (burst - 1);
    this.full =
        Caffeine.newBuilder()
            .ticker(nanoTime::getAsLong)
            .maximumSize(MAX_DEVICES)
            .expireAfterWrite(Duration.ofNanos(tolerance + interval))
            .executor(Runnable::run)
            .build();
  }

  /** Uses up one step; returns false if the device has none left. */
  public boolean take(InetAddress device) {
    long now = nanoTime.getAsLong();
    boolean[] taken = new boolean[1];
    full.asMap()
        .compute(
            device,
            (unused, known) -> {
              long from = known == null || known - now < 0 ? now : known;
              taken[0] = from - now <= tolerance;
              return taken[0] ? Long.valueOf(from + interval) : Long.valueOf(from);
            });
    return taken[0];
  }
}
