package org.tlsuplift.server.admin;

/**
 * Whether the daemon takes new sessions, which moves forward only, and whether its event loops
 * answer. Thread-safe.
 */
public final class HealthState {
  /** Where the daemon stands in its life. */
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

  public Phase phase() {
    return phase;
  }

  /** How many event loops do not answer; sessions on them stand still. */
  public int blockedLoops() {
    return blockedLoops;
  }

  public void blockedLoops(int count) {
    blockedLoops = count;
  }

  /** The listeners accept; without effect once the daemon drains. */
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
