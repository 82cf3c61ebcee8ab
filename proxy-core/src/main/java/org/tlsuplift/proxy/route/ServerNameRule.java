package org.tlsuplift.proxy.route;

import java.util.List;

/**
 * What the name in a ClientHello (SNI, RFC 6066 section 3) may be on a listener, besides the host
 * that the device goes to.
 *
 * @param own the names of the listener itself, normalised; they never reach an origin
 * @param choosesOrigin whether a device that goes to an address may choose the origin's name; it
 *     may not where the operator has chosen the origin
 * @param mismatch what becomes of other names
 */
public record ServerNameRule(List<String> own, boolean choosesOrigin, ServerNameMismatch mismatch) {
  public ServerNameRule {
    own = List.copyOf(own);
  }
}
