package org.tlsuplift.server.command;

/** Tells a running daemon that it shall stop. */
public interface StopSignal {
  /** Begins to listen for it; before, it ends the process as usual. */
  void arm();

  /**
   * Waits for it.
   *
   * @return what asked to stop, such as {@code SIGTERM}
   */
  String await() throws InterruptedException;
}
