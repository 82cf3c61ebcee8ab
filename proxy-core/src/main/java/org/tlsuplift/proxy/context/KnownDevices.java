package org.tlsuplift.proxy.context;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Which devices were served, or missed their turn, in the last {@link #REMEMBERED}, for at most
 * {@value #MAX_DEVICES} devices. Thread-safe; never blocks.
 */
final class KnownDevices {
  private static final int MAX_DEVICES = 100_000;

  /** Longer than most devices pause: mail programs, for example, ask for mail every 5 minutes. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  enum Standing {
    /** The device reached its origin. */
    SERVED,
    /** The device left, or was refused, after a long wait for its handshake. */
    MISSED,
    UNKNOWN
  }

  private final Cache<InetAddress, Standing> devices;

  KnownDevices(LongSupplier nanoTime) {
    this.devices =
        Caffeine.newBuilder()
            .ticker(nanoTime::getAsLong)
            .maximumSize(MAX_DEVICES)
            .expireAfterWrite(REMEMBERED)
            .executor(Runnable::run)
            .build();
  }

  void served(InetAddress network) {
    devices.put(network, Standing.SERVED);
  }

  /** A device that was served before stays one, so that many of the others do not delay it. */
  void missed(InetAddress network) {
    devices.asMap().putIfAbsent(network, Standing.MISSED);
  }

  Standing of(InetAddress network) {
    return Objects.requireNonNullElse(devices.getIfPresent(network), Standing.UNKNOWN);
  }
}
