package org.tlsuplift.server.it.lab;

/**
 * A failed handshake with a device that must be counted and logged from now on, exactly once.
 *
 * @param daemon who counts and logs
 * @param listener the listener's name
 * @param protocol the newest version that the device offers, or none
 * @param outcome how the handshake ends
 * @param reason why the session ends
 * @param before what has been counted until now
 * @param mark where the log ends now
 */
public record Expectation(
    Daemon daemon,
    String listener,
    String protocol,
    String outcome,
    String reason,
    Metrics before,
    int mark) {
  public static Expectation of(
      Daemon daemon, String listener, String protocol, String outcome, String reason) {
    return new Expectation(
        daemon, listener, protocol, outcome, reason, daemon.metrics(), daemon.mark());
  }

  /** Waits for the counters and for the line of the log, which is returned. */
  public String met() {
    daemon.awaitIncrease(
        before, 1, "tlsuplift_sessions_total", "listener", listener, "reason", reason);
    String name = "tlsuplift_downstream_handshakes_total";
    daemon.awaitIncrease(
        before, 1, name, "listener", listener, "protocol", protocol, "outcome", outcome);
    daemon.awaitIncrease(before, 0, "tlsuplift_legacy_handshakes_total");
    return daemon.awaitSessionLine(
        mark, "listener", listener, "reason", reason, "handshake", outcome);
  }
}
