package org.tlsuplift.server.signin.token;

/** A mailbox has no refresh token. */
final class NotSignedInException extends Exception {
  private static final long serialVersionUID = 1L;

  NotSignedInException() {
    super("no user has signed in for this mailbox", null, false, false);
  }
}
