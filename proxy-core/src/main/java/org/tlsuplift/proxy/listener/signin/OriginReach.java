package org.tlsuplift.proxy.listener.signin;

import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.mail.signin.XoauthExchange;
import org.tlsuplift.proxy.session.OriginHandshake;
import org.tlsuplift.proxy.session.OriginReply;
import org.tlsuplift.proxy.signin.Turn;
import org.tlsuplift.proxy.upstream.OriginAnswer;

/** What a sign-in needs of its session; called on the session's event loop. */
public interface OriginReach {
  /**
   * Connects anew and signs in; fails with an {@link
   * org.tlsuplift.proxy.upstream.OriginUnavailableException}.
   */
  Future<OriginAnswer> signIn(XoauthExchange exchange);

  /** The session holds this place until it ends; the receiver may end it earlier. */
  void hold(Turn place);

  /** A handshake with the origin that led to no relay. */
  void onHandshake(OriginHandshake handshake);

  /** The origin gave a known refusal, which stands. */
  void onRefusal(OriginReply reply);
}
