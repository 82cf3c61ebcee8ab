package org.tlsuplift.proxy.signin;

/** The result of a request for a token. The texts are for the log: no secret, one line. */
public sealed interface TokenResult {
  record Issued(AccessToken token) implements TokenResult {}

  /** The identity platform is unreachable, slow, or asks for patience. Try again. */
  record Unavailable(String why) implements TokenResult {}

  /** Somebody must change something first: a wrong secret, no consent, a mailbox without flow. */
  record Refused(String why) implements TokenResult {}
}
