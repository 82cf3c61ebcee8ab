package org.tlsuplift.proxy.negotiate;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event of a negotiation step that has refused the device in the device's own protocol.
 *
 * @param detail one line for the operator: the request, what is allowed, and the remedy
 * @param target the device's target, or null if unknown
 */
public record NegotiationRefused(CloseReason reason, String detail, @Nullable HostPort target) {
  NegotiationRefused(String detail) {
    this(CloseReason.NEGOTIATION_REFUSED, detail, null);
  }
}
