package org.tlsuplift.server.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.tlsuplift.server.feature.Condition;

/**
 * A message to the operator.
 *
 * @param id the same for each attempt to deliver it
 * @param instance the host that runs the daemon
 * @param since when the condition started
 * @param at when the event happened
 */
public record Notification(
    UUID id, Event event, Condition condition, String instance, Instant since, Instant at) {
  /** What happened. */
  public enum Event {
    STARTED,
    ENDED,
    /** An operator tries the receivers. */
    TEST
  }

  static Notification of(
      Event event, Condition condition, String instance, Instant since, Instant at) {
    return new Notification(UUID.randomUUID(), event, condition, instance, since, at);
  }

  /** A notification for trying the receivers. */
  public static Notification test(String instance, Instant at) {
    return of(
        Event.TEST,
        new Condition(
            "test",
            "",
            "this is a test",
            "nothing to do: 'tls-uplift notify test' sent this",
            Duration.ZERO),
        instance,
        at,
        at);
  }

  /** One line. */
  String title() {
    String summary = condition.summary();
    return "TLS Uplift %s: %s"
        .formatted(instance, event == Event.ENDED ? "no longer: " + summary : summary);
  }
}
