package org.tlsuplift.proxy.signin;

/** The result of a request for a token. Each text is one line for the log, without secrets. */
public sealed interface TokenResult {
  record Issued(AccessToken token) implements TokenResult {}

  /** The identity platform is unreachable, slow or throttling. Try again later. */
  record Unavailable(String why) implements TokenResult {}

  /**
   * The operator must change something first, such as a wrong secret, a missing consent, or a
   * mailbox without a way to get tokens.
   */
  record Refused(String why) implements TokenResult {}
}
