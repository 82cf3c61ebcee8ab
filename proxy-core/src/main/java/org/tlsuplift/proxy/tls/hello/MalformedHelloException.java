package org.tlsuplift.proxy.tls.hello;

/** A hello breaks the protocol; caught within the package, hence without a stack trace. */
final class MalformedHelloException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedHelloException(String message) {
    super(message, null, false, false);
  }
}
