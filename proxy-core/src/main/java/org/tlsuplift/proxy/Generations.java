package org.tlsuplift.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the current configuration has opened, and earlier ones that sessions still use. Several
 * generations can share a part: it is closed when the last generation with it has ended.
 * Thread-safe; never waits.
 */
public final class Generations<G> {
  private static final Logger log = LoggerFactory.getLogger(Generations.class);

  private final List<G> inUse = new ArrayList<>();
  private final Function<G, List<AutoCloseable>> parts;

  /**
   * @param parts what must be closed when no session uses a generation
   */
  public Generations(Function<G, List<AutoCloseable>> parts) {
    this.parts = parts;
  }

  public synchronized void add(G generation) {
    inUse.add(generation);
  }

  /** The generations that have not ended. */
  public synchronized List<G> inUse() {
    return List.copyOf(inUse);
  }

  /**
   * Closes the parts of a generation that no other one has.
   *
   * @return whether it was in use
   */
  public synchronized boolean ended(G generation) {
    boolean was = inUse.remove(generation);
    if (was) {
      parts.apply(generation).stream().filter(part -> !isUsed(part)).forEach(Generations::close);
    }
    return was;
  }

  private boolean isUsed(AutoCloseable part) {
    return inUse.stream().anyMatch(generation -> parts.apply(generation).contains(part));
  }

  /** Ends all generations, when no session is left. */
  public synchronized void close() {
    inUse().forEach(this::ended);
  }

  /** Closes one part of all generations, when no session is left. */
  synchronized void close(Function<G, AutoCloseable> part) {
    inUse.stream().map(part).distinct().forEach(Generations::close);
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failed) {
      log.error("closing an unused service failed", failed);
    }
  }
}
