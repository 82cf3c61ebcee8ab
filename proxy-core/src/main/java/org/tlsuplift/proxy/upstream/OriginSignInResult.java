package org.tlsuplift.proxy.upstream;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/** The result of an OAuth sign-in to a mail origin. */
public sealed interface OriginSignInResult {
  /**
   * The origin accepted the sign-in and is ready to relay.
   *
   * @param capabilities the origin's capabilities before the sign-in
   * @param reply the lines of the positive reply
   */
  record SignedIn(OriginConnection connection, List<String> capabilities, List<String> reply)
      implements OriginSignInResult {}

  /** The origin refused the sign-in. The connection is closed. */
  record Refused(@Nullable OriginHandshake handshake, XoauthStep.Refused refused)
      implements OriginSignInResult {}
}
