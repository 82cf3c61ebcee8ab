package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event of a negotiation step that has refused the device, in the device's protocol.
 *
 * @param reason why the session ends
 * @param detail one line for the operator: what was asked, what is allowed, what to do
 * @param target where the device wanted to go, or null if unknown
 */
public record NegotiationRefused(CloseReason reason, String detail, @Nullable HostPort target) {
  NegotiationRefused(String detail) {
    this(CloseReason.NEGOTIATION_REFUSED, detail, null);
  }
}
