package org.tlsuplift.proxy.upstream.verify;

/** An issuer could not be asked; the message is for the operator and of fixed words. */
final class StatusUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  StatusUnavailableException(String message) {
    // Expected in operation: no stack is kept.
    super(message, null, false, false);
  }
}
