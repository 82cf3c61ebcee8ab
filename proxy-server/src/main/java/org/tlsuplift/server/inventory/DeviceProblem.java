package org.tlsuplift.server.inventory;

import java.time.Instant;

/**
 * A problem of a device at an origin.
 *
 * @param kind {@link FactKind#FAILURE} or {@link FactKind#REPLY}
 * @param problem the label of log and metrics
 * @param origin its host and port; empty if it is unknown
 * @param lastSeen the latest time
 * @param ended whether a later success of the device at this origin ended it; if the origin is
 *     unknown, at any origin
 */
public record DeviceProblem(
    FactKind kind, String problem, String origin, Instant lastSeen, boolean ended) {
  /** Follows the problem if a later success ended it. */
  public static final String ENDED = " (works again)";
}
