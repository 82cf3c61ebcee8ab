package org.tlsuplift.server.command.console;

/** A command failed; the message is one line for the operator. */
public final class CommandFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  public CommandFailedException(String message) {
    super(message);
  }
}
