package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a listener has been watched.
 *
 * @param listener its name
 * @param since from when on, without an interruption of more than {@link #SHORT}
 * @param until up to when all that was seen is in the database, but for what was dropped
 * @param dropped sightings and devices that found no room, of any listener of the same daemon
 */
public record ListenerWatch(String listener, Instant since, Instant until, long dropped) {
  /** A shorter pause of the daemon does not interrupt the period. */
  public static final Duration SHORT = Duration.ofDays(1);
}
