package org.tlsuplift.proxy.signin;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What origins could do when they were signed in to last, for the next device, which is told before
 * they are asked again. One entry for each listener. Thread-safe.
 */
public final class LearntCapabilities {
  private final ConcurrentMap<String, List<String>> byListener = new ConcurrentHashMap<>();

  /** What the origin of a listener could do, or null as long as nobody has asked it. */
  public @Nullable List<String> of(String listener) {
    return byListener.get(listener);
  }

  public void learn(String listener, List<String> capabilities) {
    byListener.put(listener, List.copyOf(capabilities));
  }
}
