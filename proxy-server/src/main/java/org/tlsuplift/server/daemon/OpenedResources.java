package org.tlsuplift.server.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes what was opened, last first, whatever happens. */
final class OpenedResources implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenedResources.class);

  private final Deque<Runnable> opened = new ArrayDeque<>();

  /** Call it as soon as something is open. */
  void add(Runnable close) {
    opened.push(close);
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().run();
      } catch (RuntimeException | LinkageError failed) {
        // A class is missing if the jar was overwritten; the next steps may work without it.
        log.error("closing failed", failed);
      }
    }
  }
}
