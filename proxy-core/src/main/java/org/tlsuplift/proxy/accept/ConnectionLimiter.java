package org.tlsuplift.proxy.accept;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.model.CloseReason;

/**
 * Counts running sessions, in total and by device, and refuses those above the limits. The limits
 * may differ from call to call, because a reload changes them while sessions run. Thread-safe.
 */
final class ConnectionLimiter {
  private final AtomicInteger sessions = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> byDevice = new ConcurrentHashMap<>();

  /**
   * Counts a session of the device until {@link #release}. Returns the limit that it exceeds.
   *
   * @param network the addresses that count as the device
   */
  Optional<CloseReason> acquire(InetAddress network, Limits limits) {
    if (!enter(limits)) {
      return Optional.of(CloseReason.SESSION_LIMIT);
    }
    if (byDevice.merge(network, 1, Integer::sum) > limits.maxSessionsPerDevice()) {
      release(network);
      return Optional.of(CloseReason.DEVICE_SESSION_LIMIT);
    }
    return Optional.empty();
  }

  /** Counts a session of an unknown device until {@link #leave}. Returns false at the limit. */
  boolean enter(Limits limits) {
    if (sessions.incrementAndGet() > limits.maxSessions()) {
      sessions.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    sessions.decrementAndGet();
  }

  void release(InetAddress network) {
    sessions.decrementAndGet();
    byDevice.computeIfPresent(network, (address, count) -> count == 1 ? null : count - 1);
  }

  int active() {
    return sessions.get();
  }
}
