package org.tlsuplift.proxy.signin;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that the origin of each listener sent at the latest sign-in or delivery. The
 * next device gets them before this proxy connects to the origin. Thread-safe.
 */
public final class LearntCapabilities {
  /** An origin may raise its SIZE. Then this proxy must not refuse mail for the old one. */
  static final Duration RECENT = Duration.ofHours(1);

  private final ConcurrentMap<String, Learnt> byListener = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  private record Learnt(List<String> capabilities, long at) {}

  public LearntCapabilities() {
    this(System::nanoTime);
  }

  LearntCapabilities(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The capabilities, or null before the listener's first. */
  public @Nullable List<String> of(String listener) {
    Learnt learnt = byListener.get(listener);
    return learnt == null ? null : learnt.capabilities();
  }

  /** The capabilities, or null if the origin has not sent them for {@link #RECENT}. */
  public @Nullable List<String> recent(String listener) {
    Learnt learnt = byListener.get(listener);
    return learnt == null || nanoTime.getAsLong() - learnt.at() > RECENT.toNanos()
        ? null
        : learnt.capabilities();
  }

  /** A copy with only these listeners. */
  public LearntCapabilities of(Set<String> listeners) {
    LearntCapabilities copy = new LearntCapabilities(nanoTime);
    copy.byListener.putAll(byListener);
    copy.byListener.keySet().retainAll(listeners);
    return copy;
  }

  public void learn(String listener, List<String> capabilities) {
    byListener.put(listener, new Learnt(List.copyOf(capabilities), nanoTime.getAsLong()));
  }
}
