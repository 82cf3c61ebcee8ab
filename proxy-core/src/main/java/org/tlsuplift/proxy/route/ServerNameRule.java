package org.tlsuplift.proxy.route;

import java.util.List;

/**
 * The names that a ClientHello (SNI, RFC 6066 section 3) may contain on a listener, in addition to
 * the device's target.
 *
 * @param own the listener's own names, normalised; they never reach an origin
 * @param choosesOrigin whether the device may choose the origin's name if its target is an address;
 *     false if the operator has chosen the origin
 */
public record ServerNameRule(List<String> own, boolean choosesOrigin, ServerNameMismatch mismatch) {
  public ServerNameRule {
    own = List.copyOf(own);
  }
}
