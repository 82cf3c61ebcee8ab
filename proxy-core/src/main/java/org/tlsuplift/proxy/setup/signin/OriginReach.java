package org.tlsuplift.proxy.setup.signin;

import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/** What a sign-in needs of its session; called on the session's event loop. */
public interface OriginReach {
  /**
   * Connects anew and signs in; fails with an {@link
   * org.tlsuplift.proxy.upstream.dial.OriginUnavailableException}.
   */
  Future<OriginSignInResult> signIn(XoauthExchange exchange);

  /** The session holds this place until it ends; the receiver may end it earlier. */
  void hold(Permit place);

  /** A handshake with the origin that led to no relay. */
  void onHandshake(OriginHandshake handshake);

  /** The origin gave a known refusal, which stands. */
  void onRefusal(OriginReply reply);
}
