package org.tlsuplift.server.init;

/** An option or answer cannot be used; the message has the answer and the remedy. */
public final class InvalidAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  InvalidAnswerException(String message) {
    super(message);
  }
}
