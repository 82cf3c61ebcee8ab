package org.tlsuplift.proxy.negotiate;

import java.util.Optional;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/** Decides before a dial whether a target can be reached at all. */
@FunctionalInterface
public interface TargetPolicy {
  /** The refusal, or empty if the target may be reached. Runs on an event loop, so never blocks. */
  Optional<NegotiationRefused> refusal(HostPort target);

  /**
   * The refusal, or empty if a plain HTTP request may be forwarded to the target. The default
   * refuses. Runs on an event loop, so never blocks.
   */
  default Optional<NegotiationRefused> forwardRefusal(HostPort target) {
    return Optional.of(
        new NegotiationRefused(
            CloseReason.NO_ROUTE, "plain HTTP is not forwarded to " + target, target));
  }

  /**
   * The refusal, or empty if a redirected device may continue. Its ClientHello may name a host that
   * is allowed although the address is not. Runs on an event loop, so never blocks.
   */
  default Optional<NegotiationRefused> redirectRefusal(HostPort address) {
    return refusal(address);
  }
}
