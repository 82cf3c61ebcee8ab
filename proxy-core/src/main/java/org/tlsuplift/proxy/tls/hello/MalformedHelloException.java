package org.tlsuplift.proxy.tls.hello;

/**
 * A handshake message is malformed. It has no stack trace, because only this package catches it.
 */
final class MalformedHelloException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whether the message is not a ClientHello, or another record interrupts it. */
  final boolean unexpected;

  MalformedHelloException(String message) {
    this(message, false);
  }

  MalformedHelloException(String message, boolean unexpected) {
    super(message, null, false, false);
    this.unexpected = unexpected;
  }
}
