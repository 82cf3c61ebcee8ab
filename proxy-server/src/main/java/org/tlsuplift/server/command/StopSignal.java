package org.tlsuplift.server.command;

import java.time.Duration;

/** The signal that stops a running daemon. */
public interface StopSignal {
  /** Starts handling the signal; before that, it ends the process as usual. */
  void arm();

  /**
   * Ends the process by force if it still runs this long after the signal.
   *
   * @param longest the time for an orderly shutdown
   */
  void endWithin(Duration longest);

  /**
   * Waits for the signal.
   *
   * @return its name, such as {@code SIGTERM}
   */
  String await() throws InterruptedException;
}
