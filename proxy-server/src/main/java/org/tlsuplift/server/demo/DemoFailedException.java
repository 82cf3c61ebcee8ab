package org.tlsuplift.server.demo;

/** The demo failed; the message is one line. */
public final class DemoFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  DemoFailedException(String message) {
    super(message);
  }
}
