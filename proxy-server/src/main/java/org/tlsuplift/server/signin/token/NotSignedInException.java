package org.tlsuplift.server.signin.token;

/** There is no refresh token of a mailbox. */
final class NotSignedInException extends Exception {
  private static final long serialVersionUID = 1L;

  NotSignedInException() {
    super("nobody has signed in for this mailbox yet", null, false, false);
  }
}
