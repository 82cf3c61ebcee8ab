package org.tlsuplift.proxy.signin;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The origin's capabilities at its latest sign-in, for the next device, which sees them before the
 * origin is asked again. One entry for each listener. Thread-safe.
 */
public final class LearntCapabilities {
  private final ConcurrentMap<String, List<String>> byListener = new ConcurrentHashMap<>();

  /** Null before the first sign-in. */
  public @Nullable List<String> of(String listener) {
    return byListener.get(listener);
  }

  public void learn(String listener, List<String> capabilities) {
    byListener.put(listener, List.copyOf(capabilities));
  }
}
