package org.tlsuplift.server.command;

import java.time.Duration;

/** Tells a running daemon that it shall stop. */
public interface StopSignal {
  /** Begins to listen for it; before, it ends the process as usual. */
  void arm();

  /**
   * Ends the process by force if it still runs so long after the signal, whatever hangs.
   *
   * @param longest what an orderly end may take
   */
  void endWithin(Duration longest);

  /**
   * Waits for it.
   *
   * @return what asked to stop, such as {@code SIGTERM}
   */
  String await() throws InterruptedException;
}
