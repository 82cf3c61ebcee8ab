package org.tlsuplift.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of the current specification, and of older ones that sessions still use. A part is
 * closed when the last services with it have ended. Thread-safe; never waits.
 */
final class LiveServices {
  private static final Logger log = LoggerFactory.getLogger(LiveServices.class);

  private final List<ProxyServices> live = new ArrayList<>();

  synchronized void add(ProxyServices services) {
    live.add(services);
  }

  /** Closes the parts of these services that no others use. */
  synchronized void ended(ProxyServices services) {
    if (live.remove(services)) {
      services.closeable().stream().filter(part -> !isUsed(part)).forEach(LiveServices::close);
    }
  }

  private boolean isUsed(AutoCloseable part) {
    return live.stream().anyMatch(services -> services.closeable().contains(part));
  }

  /** Closes one part of all services, when no session is left. */
  synchronized void close(Function<ProxyServices, AutoCloseable> part) {
    live.stream().map(part).distinct().forEach(LiveServices::close);
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failed) {
      log.error("closing an unused service failed", failed);
    }
  }
}
