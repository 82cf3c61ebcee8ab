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
 * Counts running sessions, in total and by device, and refuses those above the limits. Thread-safe.
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

  /** Counts a session of the device until {@link #release}. Returns the limit that it exceeds. */
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

  /** Counts a session of an unknown device until {@link #leave}. Returns false at the limit. */
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
