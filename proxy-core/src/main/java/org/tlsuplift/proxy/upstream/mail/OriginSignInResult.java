package org.tlsuplift.proxy.upstream.mail;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** What a mail origin made of a sign-in. */
public sealed interface OriginSignInResult {
  /**
   * It took it, and is ready to relay.
   *
   * @param capabilities what it could do before
   * @param reply the lines by which it said yes
   */
  record SignedIn(OriginConnection connection, List<String> capabilities, List<String> reply)
      implements OriginSignInResult {}

  /**
   * It did not; the connection is closed.
   *
   * @param handshake the handshake with it
   */
  record Refused(@Nullable OriginHandshake handshake, XoauthStep.Refused refused)
      implements OriginSignInResult {}
}
