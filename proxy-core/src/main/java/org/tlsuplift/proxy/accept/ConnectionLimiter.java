package org.tlsuplift.proxy.accept;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Counts running sessions, in total and by device, and refuses those above the limits. The limits
 * may differ from call to call, because a reload changes them while sessions run. Thread-safe.
 */
final class ConnectionLimiter {
  private final AtomicInteger sessions = new AtomicInteger();
  private final LongSupplier waiting;
  private final ConcurrentMap<InetAddress, Integer> byDevice = new ConcurrentHashMap<>();

  /**
   * Creates a limiter without sessions.
   *
   * @param waiting how many of the sessions wait for their handshakes
   */
  ConnectionLimiter(LongSupplier waiting) {
    this.waiting = waiting;
  }

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
    sessions.incrementAndGet();
    if (weight() > limits.maxSessions()) {
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

  /** The number of sessions. Two that wait for their handshakes have two open files, as one has. */
  long weight() {
    return sessions.get() - waiting.getAsLong() / 2;
  }

  int active() {
    return sessions.get();
  }
}
