package org.tlsuplift.proxy.context;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The devices that reached their origin in the last {@link #REMEMBERED}, at most {@value
 * #MAX_DEVICES} of them. Thread-safe; never blocks.
 */
final class ServedDevices {
  private static final int MAX_DEVICES = 100_000;

  /** Longer than most devices pause: mail programs, for example, ask for mail every 5 minutes. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Cache<InetAddress, Boolean> devices;

  ServedDevices(LongSupplier nanoTime) {
    this.devices =
        Caffeine.newBuilder()
            .ticker(nanoTime::getAsLong)
            .maximumSize(MAX_DEVICES)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();
  }

  void add(InetAddress network) {
    devices.put(network, Boolean.TRUE);
  }

  boolean contains(InetAddress network) {
    return devices.getIfPresent(network) != null;
  }
}
