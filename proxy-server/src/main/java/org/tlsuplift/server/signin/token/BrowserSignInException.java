package org.tlsuplift.server.signin.token;

/** No user has signed in for a mailbox; the message is one line for the operator. */
public final class BrowserSignInException extends Exception {
  private static final long serialVersionUID = 1L;

  BrowserSignInException(String message) {
    super(message);
  }
}
