package org.tlsuplift.server.http;

import java.util.function.Supplier;

/**
 * Whether the daemon accepts new sessions, and whether its event loops respond. The phase only
 * moves forward. Thread-safe.
 */
public final class HealthState {
  /** The phases of the daemon's life. */
  public enum Phase {
    STARTING("starting: the listeners do not accept connections yet"),
    READY("ready"),
    DRAINING("draining: no new sessions are accepted, open ones may finish");

    private final String explanation;

    Phase(String explanation) {
      this.explanation = explanation;
    }

    /** One line for the operator. */
    public String explanation() {
      return explanation;
    }
  }

  private volatile Phase phase = Phase.STARTING;
  private volatile int blockedLoops;
  private volatile Supplier<String> spoolClosed = () -> "";

  public Phase phase() {
    return phase;
  }

  /** Watches why the spool refuses new mail; an empty text if it keeps it. */
  public void watchSpool(Supplier<String> closed) {
    spoolClosed = closed;
  }

  /** One line for the operator. A closed spool is named; other traffic still passes. */
  public String explanation() {
    Phase now = phase;
    String closed = spoolClosed.get();
    return now == Phase.READY && !closed.isEmpty()
        ? "ready, but the spool refuses new mail: " + closed
        : now.explanation();
  }

  /** The number of event loops that do not respond; their sessions are stalled. */
  public int blockedLoops() {
    return blockedLoops;
  }

  public void blockedLoops(int count) {
    blockedLoops = count;
  }

  /** The listeners accept; no effect after the daemon started draining. */
  public synchronized void ready() {
    if (phase == Phase.STARTING) {
      phase = Phase.READY;
    }
  }

  /** The daemon drains; final. */
  public synchronized void draining() {
    phase = Phase.DRAINING;
  }
}
