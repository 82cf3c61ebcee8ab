package org.tlsuplift.proxy.signin;

/** What became of the wish for a token. The texts are for the log: no secret, one line. */
public sealed interface TokenResult {
  /** Here it is. */
  record Issued(AccessToken token) implements TokenResult {}

  /** Not now: the identity platform is away, slow, or asks for patience. Try again. */
  record Unavailable(String why) implements TokenResult {}

  /** Not before somebody changes something: a wrong secret, no consent, a mailbox without flow. */
  record Refused(String why) implements TokenResult {}
}
