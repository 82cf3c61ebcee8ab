package org.tlsuplift.proxy.signin;

import java.time.Instant;

/**
 * A bearer token (RFC 6750) for one mailbox. The text form omits the value.
 *
 * @param value a secret for the origin, of any length; Microsoft's tokens have about 2,000 to 4,000
 *     characters
 */
public record AccessToken(String value, Instant expires) {
  @Override
  public String toString() {
    return "a token that expires at " + expires;
  }
}
