package org.tlsuplift.server.inventory;

import java.time.Duration;
import java.time.Instant;

/**
 * The observation period of a listener.
 *
 * @param since without an interruption of more than {@link #SHORT}
 * @param until the database has everything up to this moment, except losses
 * @param dropped lost records and devices, of any listener of the same daemon
 */
public record ListenerWatch(String listener, Instant since, Instant until, long dropped) {
  /** A shorter pause of the daemon does not interrupt the period. */
  public static final Duration SHORT = Duration.ofDays(1);
}
