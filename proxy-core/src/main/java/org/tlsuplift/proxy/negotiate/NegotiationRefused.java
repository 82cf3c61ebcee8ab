package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event that a negotiation step fires after it has told the device no, in the device's
 * protocol.
 *
 * @param reason why the session ends
 * @param detail one line for the operator: what was asked, what is allowed, what to do
 * @param target where the device wanted to go, or null when it did not say so
 */
public record NegotiationRefused(CloseReason reason, String detail, @Nullable HostPort target) {
  /** What the device asked for was not understood or is not allowed. */
  NegotiationRefused(String detail) {
    this(CloseReason.NEGOTIATION_REFUSED, detail, null);
  }
}
