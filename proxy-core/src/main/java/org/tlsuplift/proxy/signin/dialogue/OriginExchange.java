package org.tlsuplift.proxy.signin.dialogue;

import java.util.List;

/**
 * The sign-in to an origin: the lines to send, and the meaning of the replies. For one connection;
 * not thread-safe.
 */
public sealed interface OriginExchange permits XoauthExchange, PasswordExchange {
  /**
   * The first step: a command, or a refusal if the origin does not offer the sign-in.
   *
   * @param capabilities the origin's capabilities under TLS
   */
  XoauthStep begin(List<String> capabilities);

  /**
   * The step after a reply.
   *
   * @param reply the lines of the reply, at least one
   */
  XoauthStep next(List<String> reply);
}
