package org.tlsuplift.proxy.signin.dialogue;

import org.tlsuplift.proxy.signin.Credential;

/** What follows on a device's line before it has signed in. */
sealed interface SignInStep {
  /** It is answered, and that was all; empty for no answer. */
  record Answer(String reply) implements SignInStep {}

  /**
   * The device said who it is, by HELO or EHLO.
   *
   * @param line as it came
   */
  record Introduced(String line, String reply) implements SignInStep {}

  /** So many bytes come next that belong to the command; empty for no prompt (RFC 7888). */
  record Literal(int bytes, String prompt) implements SignInStep {}

  /** The device signs in. */
  record Present(Credential credential) implements SignInStep {}

  /**
   * The device goes on without: its address has to do.
   *
   * @param line what it asks of the origin, without its end
   */
  record Unasked(String line) implements SignInStep {}

  /** The device leaves. */
  record Leave(String reply) implements SignInStep {}

  /** The device is out of bounds. */
  record Broken(String why) implements SignInStep {}
}
