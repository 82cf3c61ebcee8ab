package org.tlsuplift.server.feature;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * A state in which devices are not served, or soon will not be.
 *
 * @param kind a fixed word for programs, such as {@code no_tokens}
 * @param subject what it is about, such as a tenant; with the kind, it identifies the condition
 * @param summary one line for a person
 * @param remedy the next step, in one line
 * @param hold how long the state must last before it is notified
 * @param inHealth whether the health endpoints have its summary too; they stay successful, because
 *     neither a restart nor another instance helps
 */
public record Condition(
    String kind, String subject, String summary, String remedy, Duration hold, boolean inHealth) {
  public Condition(String kind, String subject, String summary, String remedy, Duration hold) {
    this(kind, subject, summary, remedy, hold, false);
  }

  /** About the daemon as a whole, notified at once. */
  public Condition(String kind, String summary, String remedy) {
    this(kind, "", summary, remedy, Duration.ZERO);
  }

  /** The condition, if it holds. */
  public Stream<Condition> when(boolean holds) {
    return holds ? Stream.of(this) : Stream.empty();
  }

  /** The same, also for the health endpoints. */
  public Condition shownInHealth() {
    return new Condition(kind, subject, summary, remedy, hold, true);
  }

  public String id() {
    return kind + " " + subject;
  }
}
