package org.tlsuplift.proxy.signin.dialogue;

import org.tlsuplift.proxy.signin.Credential;

/** The step after a device's line, until the device has signed in. */
sealed interface SignInStep {
  /** Only a reply, which may be empty. */
  record Reply(String text) implements SignInStep {}

  /** HELO or EHLO. */
  record Introduced(String line, String reply) implements SignInStep {}

  /**
   * The next {@code bytes} belong to the command. The prompt is empty if the device does not wait
   * for one (RFC 7888).
   */
  record ReadLiteral(int bytes, String prompt) implements SignInStep {}

  record Present(Credential credential) implements SignInStep {}

  /**
   * The device continues without signing in, so its address must identify it.
   *
   * @param line the device's command for the origin, without CRLF
   */
  record Unasked(String line) implements SignInStep {}

  record Leave(String reply) implements SignInStep {}

  /** The device exceeded a limit of the protocol. */
  record Broken(String why) implements SignInStep {}
}
