package org.tlsuplift.server.command;

/** A command failed; the message is one line for the operator. */
final class CommandFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  CommandFailedException(String message) {
    super(message);
  }
}
