package org.tlsuplift.proxy.signin;

import java.util.Optional;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;

/** How this proxy signs in at the origin for a known device. */
public sealed interface OriginAccess {
  /** Keeps the account within the origin's limits. */
  MailboxPermits permits();

  /** Why an origin must not get the token or password of the account; empty if it may. */
  Optional<Explanation> refusal(HostPort at);

  /**
   * With XOAUTH2, and a token for the account's mailbox.
   *
   * @param origins the only origins that get the token, whatever listener the device uses
   */
  record ByToken(TokenOrigins origins, AccessTokens tokens, MailboxPermits permits)
      implements OriginAccess {
    @Override
    public Optional<Explanation> refusal(HostPort at) {
      return origins.allow(at) ? Optional.empty() : Optional.of(origins.refusal(at));
    }
  }

  /**
   * With SASL PLAIN or LOGIN.
   *
   * @param origin the only origin that gets the password, whatever listener the device uses
   * @param user the name for the origin, without NUL; often a mail address
   */
  record ByPassword(HostPort origin, String user, OriginPassword password, MailboxPermits permits)
      implements OriginAccess {
    @Override
    public Optional<Explanation> refusal(HostPort at) {
      return origin.equals(at)
          ? Optional.empty()
          : Optional.of(
              Explanation.of(
                  "the password is for %s only, and this listener leads to %s"
                      .formatted(origin, at),
                  "let the device use a listener for that origin, or correct 'upstream' of the"
                      + " account"));
    }
  }
}
