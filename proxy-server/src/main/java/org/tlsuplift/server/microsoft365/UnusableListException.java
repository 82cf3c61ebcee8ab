package org.tlsuplift.server.microsoft365;

/** A list cannot be used; the message is for the operator and quotes nothing of it at length. */
public final class UnusableListException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableListException(String message) {
    super(message);
  }
}
