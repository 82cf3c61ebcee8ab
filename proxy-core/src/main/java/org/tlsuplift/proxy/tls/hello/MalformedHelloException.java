package org.tlsuplift.proxy.tls.hello;

/**
 * A handshake message is malformed. It has no stack trace, because only this package catches it.
 */
final class MalformedHelloException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedHelloException(String message) {
    super(message, null, false, false);
  }
}
