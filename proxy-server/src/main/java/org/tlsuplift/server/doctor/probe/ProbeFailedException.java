package org.tlsuplift.server.doctor.probe;

/** An origin could not be probed at all; the message is one line for the operator. */
public final class ProbeFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  ProbeFailedException(String message) {
    super(message);
  }
}
