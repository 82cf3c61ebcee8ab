package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Reports that a negotiation step has refused the device, and has sent the refusal in the device's
 * protocol.
 *
 * @param reason why the session ends
 * @param why for the operator and the device
 * @param target the target that the device requested, or null if unknown
 */
public record NegotiationRefused(CloseReason reason, Explanation why, @Nullable HostPort target) {
  /** A refusal for which the remedy of the close reason is enough. */
  public NegotiationRefused(CloseReason reason, String cause, @Nullable HostPort target) {
    this(reason, Explanation.of(cause), target);
  }

  NegotiationRefused(String cause, String remedy) {
    this(CloseReason.NEGOTIATION_REFUSED, Explanation.of(cause, remedy), null);
  }

  /** The reason in one line, for the device. */
  public String detail() {
    return why.text();
  }
}
