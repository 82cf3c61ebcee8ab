package org.tlsuplift.server.daemon.process;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/** The daemon cannot start for a reason outside its configuration; the message is one line. */
public final class StartFailedException extends OperatorException {
  private static final long serialVersionUID = 1L;

  public StartFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
