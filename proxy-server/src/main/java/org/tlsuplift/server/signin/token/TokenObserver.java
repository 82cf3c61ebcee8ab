package org.tlsuplift.server.signin.token;

/** Is told what became of requests for tokens. Fast, never throws; called by any thread. */
public interface TokenObserver {
  /** A request has ended. */
  void asked(TokenOutcome outcome);
}
