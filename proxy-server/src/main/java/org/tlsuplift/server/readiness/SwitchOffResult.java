package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The result for a listener or a subnet.
 *
 * @param because the reason, in one sentence
 * @param from with {@link Readiness#NOT_YET} and {@link Readiness#NO}, the day when it can become
 *     yes, if no device needs more until then; empty without a running daemon
 * @param watchedSince the start of the observation; empty for none
 * @param devices the number of devices that connected during {@code notSeenAfter}
 * @param standing the number of these devices that block the switch-off
 * @param latestNeed the time of the latest need
 * @param blockingDevices the latest blocking devices, at most {@value #LISTED}
 * @param incomplete the data that may be missing, one sentence each; may be empty
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

  /** Whether it is modern and refuses devices. That is no reason to be content. */
  public boolean isRefusing() {
    return scope.isModern() && standing > 0;
  }

  /** The number of blocking devices that are not listed. */
  public long more() {
    return standing - blockingDevices.size();
  }
}
