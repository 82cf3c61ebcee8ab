package org.tlsuplift.proxy.tls;

import java.util.Optional;

/**
 * What an origin's certificate must prove where it is not asked for by one name: that it is one of
 * those that may be spoken to.
 *
 * <p>Asked within the handshake, after its chain was found to end in a trusted root; before the
 * answer nothing is sent to the origin. Immutable.
 */
@FunctionalInterface
public interface OriginProof {
  /**
   * Why this certificate proves nothing, in one line for the operator: which names it has, and what
   * to do; empty when it does.
   */
  Optional<String> objection(CertificateNames names);
}
