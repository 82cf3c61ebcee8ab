package org.tlsuplift.proxy.negotiate;

import java.util.Optional;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/** Decides, before anything is dialled, whether a target can be reached at all. */
@FunctionalInterface
public interface TargetPolicy {
  /** The refusal, or empty if the target may be reached. Called on an event loop: never blocks. */
  Optional<NegotiationRefused> refusal(HostPort target);

  /**
   * The refusal, or empty if a request in plain HTTP may be forwarded to the target; refuses by
   * default. Called on an event loop: never blocks.
   */
  default Optional<NegotiationRefused> forwardRefusal(HostPort target) {
    return Optional.of(
        new NegotiationRefused(
            CloseReason.NO_ROUTE, "plain HTTP is not forwarded to " + target, target));
  }

  /**
   * The refusal, or empty if a redirected device may continue: its hello may name a host that can
   * be reached where the address cannot. Called on an event loop: never blocks.
   */
  default Optional<NegotiationRefused> redirectRefusal(HostPort address) {
    return refusal(address);
  }
}
