package org.tlsuplift.server.insight.switchoff;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer for a listener or a subnet.
 *
 * @param scope what it is about
 * @param answer the answer
 * @param because why, in one sentence for people
 * @param from with {@link Readiness#NOT_YET} and {@link Readiness#NO}, when it would be yes if no
 *     device shows a need until then; empty where nobody is watching
 * @param watchedSince how long somebody has been looking; empty for not at all
 * @param devices how many devices came in during {@code notSeenAfter}
 * @param standing how many of them stand against it
 * @param latestNeed when the latest of them showed that
 * @param blockingDevices those that showed it last, at most {@value #LISTED}
 * @param incomplete what may be missing, each in one sentence for people; empty when nothing is
 */
public record SwitchOffResult(
    Scope scope,
    Readiness answer,
    String because,
    Optional<Instant> from,
    Optional<Instant> watchedSince,
    long devices,
    long standing,
    Optional<Instant> latestNeed,
    List<BlockingDevice> blockingDevices,
    List<String> incomplete) {
  public static final int LISTED = 10;

  public SwitchOffResult {
    blockingDevices = List.copyOf(blockingDevices);
    incomplete = List.copyOf(incomplete);
  }

  /** How many of those that stand against it are not listed. */
  public long more() {
    return standing - blockingDevices.size();
  }
}
