package org.tlsuplift.server.command;

import java.time.Duration;
import java.util.function.Supplier;

/** The signals that stop a running daemon, or reload its configuration. */
public interface StopSignal {
  /** Starts handling the signal; before that, it ends the process as usual. */
  void arm();

  /**
   * Ends the process by force if it still runs this long after the signal.
   *
   * @param longest the time for an orderly shutdown; called after the signal
   */
  void endWithin(Supplier<Duration> longest);

  /**
   * Sets what the signal for a reload does; before that, it only writes a line to the log. If this
   * process cannot get that signal, a line in the log says so.
   *
   * @param reload may block; called on one thread, once for all signals that arrive while another
   *     call runs; never throws
   */
  void onReload(Runnable reload);

  /**
   * Waits for the signal.
   *
   * @return its name, such as {@code SIGTERM}
   */
  String await() throws InterruptedException;
}
