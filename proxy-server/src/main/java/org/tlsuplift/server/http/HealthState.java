package org.tlsuplift.server.http;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.feature.Condition;

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
  private volatile Supplier<List<Condition>> conditions = List::of;

  public Phase phase() {
    return phase;
  }

  /** The number of event loops that do not respond; their sessions are stalled. */
  public int blockedLoops() {
    return blockedLoops;
  }

  public void blockedLoops(int count) {
    blockedLoops = count;
  }

  /** Watches what does not work. */
  public void watch(Supplier<List<Condition>> states) {
    conditions = states;
  }

  /** Adds to a line what does not work, but does not end by a restart or another instance. */
  String withProblems(String line) {
    return Stream.concat(
            Stream.of(line),
            conditions.get().stream().filter(Condition::inHealth).map(Condition::summary))
        .collect(Collectors.joining("; "));
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
