package org.tlsuplift.server.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes resources in reverse order. A failure does not stop the next steps. */
public final class OpenedResources implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenedResources.class);

  private final Deque<Runnable> opened = new ArrayDeque<>();

  /**
   * Registers the action that closes a resource. Call this method right after opening the resource.
   */
  public void add(Runnable close) {
    opened.push(close);
  }

  /** Leaves all resources open. */
  public void keep() {
    opened.clear();
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().run();
      } catch (RuntimeException | LinkageError failed) {
        // After somebody overwrote the jar, a class may be missing. The next steps may work without
        // it.
        log.error("closing failed", failed);
      }
    }
  }
}
