package org.tlsuplift.proxy.signin.dialogue;

import org.tlsuplift.proxy.signin.Credential;

/** What follows a device's line before it has signed in. */
sealed interface SignInStep {
  /** A reply and nothing else; may be empty. */
  record Reply(String text) implements SignInStep {}

  /** HELO or EHLO. */
  record Introduced(String line, String reply) implements SignInStep {}

  /**
   * So many bytes of the command come next; the prompt is empty if they come without one (RFC
   * 7888).
   */
  record ReadLiteral(int bytes, String prompt) implements SignInStep {}

  record Present(Credential credential) implements SignInStep {}

  /**
   * The device continues without signing in: its address must identify it.
   *
   * @param line its command for the origin, without its end
   */
  record Unasked(String line) implements SignInStep {}

  record Leave(String reply) implements SignInStep {}

  /** The device broke a bound of the protocol. */
  record Broken(String why) implements SignInStep {}
}
