package org.tlsuplift.proxy.signin;

import org.tlsuplift.proxy.model.HostPort;

/** How this proxy signs in at the origin for a known device. */
public sealed interface OriginAccess {
  /** Keeps the account within the origin's limits. */
  MailboxPermits permits();

  /** With XOAUTH2, and a token for the account's mailbox. */
  record ByToken(AccessTokens tokens, MailboxPermits permits) implements OriginAccess {}

  /**
   * With SASL PLAIN or LOGIN.
   *
   * @param origin the only origin that gets the password, whatever listener the device uses
   * @param user the name for the origin, without NUL; often a mail address
   */
  record ByPassword(HostPort origin, String user, OriginPassword password, MailboxPermits permits)
      implements OriginAccess {}
}
