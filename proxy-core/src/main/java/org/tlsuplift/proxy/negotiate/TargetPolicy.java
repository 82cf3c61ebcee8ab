package org.tlsuplift.proxy.negotiate;

import java.util.Optional;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/** Decides, before anything is dialled, whether a target can be reached at all. */
@FunctionalInterface
public interface TargetPolicy {
  /**
   * Empty when the target may be reached, the refusal otherwise. Called on an event loop: never
   * blocks.
   */
  Optional<NegotiationRefused> refusal(HostPort target);

  /**
   * Empty when a request in plain HTTP may be sent on to the target, the refusal otherwise, which
   * is the answer unless it is overridden. Called on an event loop: never blocks.
   */
  default Optional<NegotiationRefused> forwardRefusal(HostPort target) {
    return Optional.of(
        new NegotiationRefused(
            CloseReason.NO_ROUTE, "plain HTTP is not forwarded to " + target, target));
  }

  /**
   * Empty when a device may be taken that was redirected on its way to an address, the refusal
   * otherwise: what it says next may name a host that can be reached where the address cannot.
   * Called on an event loop: never blocks.
   */
  default Optional<NegotiationRefused> redirectRefusal(HostPort address) {
    return refusal(address);
  }
}
