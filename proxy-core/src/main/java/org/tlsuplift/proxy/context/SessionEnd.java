package org.tlsuplift.proxy.context;

import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/** The reason for the end of a session, as it is reported. */
record SessionEnd(CloseReason reason, Explanation why) {
  /**
   * Node.js, and most programs with OpenSSL before 1.1, check the certificate after the handshake.
   */
  private static final Explanation UNUSED =
      Explanation.of("the device may not trust the CA: it sent no data after the handshake");

  /**
   * Tells a device that did not use its session from others that closed theirs.
   *
   * @param unused whether the device completed its handshake and sent nothing
   * @param trustRemedy what to do if the device does not trust its certificate; empty for the
   *     remedy of the close reason
   */
  static SessionEnd of(CloseReason reason, Explanation why, boolean unused, String trustRemedy) {
    boolean closed = unused && reason == CloseReason.DEVICE_CLOSED;
    CloseReason known = closed ? CloseReason.DEVICE_CLOSED_UNUSED : reason;
    boolean unexplained = known == CloseReason.DEVICE_CLOSED_UNUSED && why.cause().isEmpty();
    Explanation cause = closed || unexplained ? UNUSED : why;
    return known == CloseReason.DEVICE_CLOSED_UNUSED && cause.remedy().isEmpty()
        ? new SessionEnd(known, Explanation.of(cause.cause(), trustRemedy))
        : new SessionEnd(known, cause);
  }
}
