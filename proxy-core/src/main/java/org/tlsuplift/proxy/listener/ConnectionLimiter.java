package org.tlsuplift.proxy.listener;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.session.CloseReason;

/**
 * Counts the sessions that run, in all and by device, and says when one more is too many.
 * Thread-safe.
 */
final class ConnectionLimiter {
  private final int maxSessions;
  private final int maxSessionsPerDevice;
  private final AtomicInteger sessions = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> byDevice = new ConcurrentHashMap<>();

  ConnectionLimiter(int maxSessions, int maxSessionsPerDevice) {
    this.maxSessions = maxSessions;
    this.maxSessionsPerDevice = maxSessionsPerDevice;
  }

  /** Takes a place; empty when there was one, which {@link #release} gives back. */
  Optional<CloseReason> acquire(InetAddress device) {
    if (!enter()) {
      return Optional.of(CloseReason.SESSION_LIMIT);
    }
    if (byDevice.merge(device, 1, Integer::sum) > maxSessionsPerDevice) {
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
    byDevice.computeIfPresent(device, (address, count) -> count == 1 ? null : count - 1);
  }

  int active() {
    return sessions.get();
  }
}
