package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.model.DeviceNetworks;

/** Bounds how often forms are sent: by address, which is a network for IPv6, and by user. */
final class ActionRates {
  /** By one user or address in a minute. */
  static final int MAX = 60;

  static final Duration PERIOD = Duration.ofMinutes(1);

  private static final int MAX_KEYS = 10_000;

  private final Cache<Object, AtomicInteger> counts;

  ActionRates(Ticker clock) {
    counts =
        Caffeine.newBuilder()
            .expireAfterWrite(PERIOD)
            .maximumSize(MAX_KEYS)
            .ticker(clock)
            .executor(Runnable::run)
            .build();
  }

  boolean allows(InetAddress from) {
    return count(DeviceNetworks.DEFAULT.of(from));
  }

  boolean allows(String user) {
    return count(user);
  }

  private boolean count(Object key) {
    return counts.get(key, any -> new AtomicInteger()).incrementAndGet() <= MAX;
  }
}
