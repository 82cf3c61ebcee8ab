package org.tlsuplift.proxy.accept;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceNetworks;

/**
 * Counts the sessions that run, in all and by device, and says when one more is too many.
 * Thread-safe.
 */
final class ConnectionLimiter {
  private final int maxSessions;
  private final int maxSessionsPerDevice;
  private final DeviceNetworks networks;
  private final AtomicInteger sessions = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> byDevice = new ConcurrentHashMap<>();

  ConnectionLimiter(Limits limits) {
    this.maxSessions = limits.maxSessions();
    this.maxSessionsPerDevice = limits.maxSessionsPerDevice();
    this.networks = limits.networks();
  }

  /** Takes a place; empty when there was one, which {@link #release} gives back. */
  Optional<CloseReason> acquire(InetAddress device) {
    if (!enter()) {
      return Optional.of(CloseReason.SESSION_LIMIT);
    }
    if (byDevice.merge(networks.of(device), 1, Integer::sum) > maxSessionsPerDevice) {
      release(device);
      return Optional.of(CloseReason.DEVICE_SESSION_LIMIT);
    }
    return Optional.empty();
  }

  /** Takes a place for a device that is not known yet, which {@link #leave} gives back. */
  boolean enter() {
    if (sessions.incrementAndGet() > maxSessions) {
      sessions.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    sessions.decrementAndGet();
  }

  void release(InetAddress device) {
    sessions.decrementAndGet();
    byDevice.computeIfPresent(
        networks.of(device), (address, count) -> count == 1 ? null : count - 1);
  }

  int active() {
    return sessions.get();
  }
}
