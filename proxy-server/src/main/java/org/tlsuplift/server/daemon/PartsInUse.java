package org.tlsuplift.server.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * The parts of the current configuration, and of earlier ones that sessions still use. What several
 * of them share is closed with the last of them. Thread-safe.
 */
final class PartsInUse {
  private final Set<ConfiguredParts> all = new HashSet<>();
  private final ServerMetrics metrics;

  PartsInUse(ServerMetrics metrics) {
    this.metrics = metrics;
  }

  synchronized void add(ConfiguredParts parts) {
    all.add(parts);
  }

  /** Closes parts that were opened and are not used. */
  synchronized void cancel(ConfiguredParts parts) {
    parts.close(Set.copyOf(all));
  }

  /** The last session of superseded parts has ended. */
  synchronized void ended(ConfiguredParts parts) {
    if (all.remove(parts)) {
      parts.close(Set.copyOf(all));
      Set<String> listeners = new HashSet<>();
      all.forEach(each -> listeners.addAll(each.listeners()));
      metrics.keepListeners(listeners);
    }
  }

  synchronized void close() {
    for (ConfiguredParts parts : List.copyOf(all)) {
      all.remove(parts);
      parts.close(Set.copyOf(all));
    }
  }
}
