package org.tlsuplift.proxy.negotiate;

import java.util.Optional;
import org.tlsuplift.proxy.session.HostPort;

/** Decides, before anything is dialled, whether a target can be reached at all. */
@FunctionalInterface
public interface TargetPolicy {
  /**
   * Empty when the target may be reached, the refusal otherwise. Called on an event loop: never
   * blocks.
   */
  Optional<NegotiationRefused> refusal(HostPort target);
}
