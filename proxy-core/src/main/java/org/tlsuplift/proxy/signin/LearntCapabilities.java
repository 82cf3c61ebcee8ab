package org.tlsuplift.proxy.signin;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that the origin sent at the latest sign-in of each listener. The next device
 * gets them before this proxy connects to the origin. Thread-safe.
 */
public final class LearntCapabilities {
  private final ConcurrentMap<String, List<String>> byListener = new ConcurrentHashMap<>();

  /** The capabilities, or null before the listener's first sign-in. */
  public @Nullable List<String> of(String listener) {
    return byListener.get(listener);
  }

  /** A copy with only these listeners. */
  public LearntCapabilities of(Set<String> listeners) {
    LearntCapabilities copy = new LearntCapabilities();
    copy.byListener.putAll(byListener);
    copy.byListener.keySet().retainAll(listeners);
    return copy;
  }

  public void learn(String listener, List<String> capabilities) {
    byListener.put(listener, List.copyOf(capabilities));
  }
}
