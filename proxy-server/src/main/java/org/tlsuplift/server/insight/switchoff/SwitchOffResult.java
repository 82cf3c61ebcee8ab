package org.tlsuplift.server.insight.switchoff;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The result for a listener or a subnet.
 *
 * @param because the reason, in one sentence for people
 * @param from with {@link Readiness#NOT_YET} and {@link Readiness#NO}, when it would be yes if no
 *     device shows a need until then; empty if no daemon observes
 * @param watchedSince the start of the observation; empty for none
 * @param devices how many devices connected during {@code notSeenAfter}
 * @param standing how many of them block the switch-off
 * @param latestNeed the time of the latest need
 * @param blockingDevices the latest blocking devices, at most {@value #LISTED}
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

  /** How many blocking devices are not listed. */
  public long more() {
    return standing - blockingDevices.size();
  }
}
