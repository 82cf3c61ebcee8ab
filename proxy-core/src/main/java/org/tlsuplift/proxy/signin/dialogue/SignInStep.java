package org.tlsuplift.proxy.signin.dialogue;

import org.jspecify.annotations.Nullable;
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

  /**
   * The device signs in, or continues without it, so that its address must identify it.
   *
   * @param credential null if it does not sign in
   * @param unasked otherwise null; the device's command for the origin, without CRLF
   */
  record Present(@Nullable Credential credential, @Nullable String unasked) implements SignInStep {}

  record Leave(String reply) implements SignInStep {}

  /** The device exceeded a limit of the protocol. */
  record Broken(String why) implements SignInStep {}
}
