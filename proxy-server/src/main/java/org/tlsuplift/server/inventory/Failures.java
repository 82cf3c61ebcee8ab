package org.tlsuplift.server.inventory;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.Outcome;

/** Decides which sessions failed. The failures have the labels of log and metrics. */
public final class Failures {
  /** The device does not trust the CA. */
  public static final String DISTRUST = HandshakeOutcome.CERTIFICATE_REJECTED.label();

  /** The device may not trust the CA: it disconnected after the handshake. */
  public static final String LEFT_UNUSED = CloseReason.DEVICE_CLOSED_UNUSED.label();

  /** The failures of handshakes with devices. */
  public static final Set<String> OF_HANDSHAKES =
      Arrays.stream(HandshakeOutcome.values())
          .filter(Failures::isFailure)
          .map(HandshakeOutcome::label)
          .collect(Collectors.toUnmodifiableSet());

  private Failures() {}

  /**
   * The outcome of the device handshake if that failed, otherwise the close reason.
   *
   * @return empty if the session ended normally
   */
  public static String of(CloseReason reason, HandshakeOutcome outcome) {
    if (isFailure(outcome)) {
      return outcome.label();
    }
    return reason.isFailure() ? reason.label() : "";
  }

  private static boolean isFailure(HandshakeOutcome outcome) {
    return outcome.isFailure() && outcome.side() != Outcome.Side.ORIGIN;
  }
}
