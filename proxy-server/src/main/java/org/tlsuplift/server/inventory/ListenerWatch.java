package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;

/**
 * The observation period of a listener.
 *
 * @param since the start of the period, which has no interruption longer than {@link #SHORT}
 * @param until the database has all records up to this moment, except the dropped ones
 * @param dropped records and devices that the daemon lost, on any listener
 */
public record ListenerWatch(String listener, Instant since, Instant until, long dropped) {
  /** A shorter pause of the daemon does not interrupt the period. */
  public static final Duration SHORT = Duration.ofDays(1);
}
