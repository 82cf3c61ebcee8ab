package org.tlsuplift.proxy.signin;

import java.time.Instant;

/** A bearer token (RFC 6750) for one mailbox. Never printed. Immutable. */
public final class AccessToken {
  private final String value;
  private final Instant expires;

  /** Of any length; Microsoft's have about 2,000 to 4,000 characters. */
  public AccessToken(String value, Instant expires) {
    this.value = value;
    this.expires = expires;
  }

  /** Only for the origin. */
  public String value() {
    return value;
  }

  public Instant expires() {
    return expires;
  }

  @Override
  public String toString() {
    return "a token that expires at " + expires;
  }
}
