package org.tlsuplift.proxy.signin;

import java.time.Instant;

/**
 * A bearer token (RFC 6750) for one mailbox. Never printed.
 *
 * @param value only for the origin; of any length, Microsoft's have about 2,000 to 4,000 characters
 */
public record AccessToken(String value, Instant expires) {
  @Override
  public String toString() {
    return "a token that expires at " + expires;
  }
}
