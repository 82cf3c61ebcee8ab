package org.tlsuplift.server.process;

import java.util.List;
import java.util.Map;

/**
 * What systemd gave this process.
 *
 * @param sockets those of the .socket unit, in its order; empty if there is none
 * @param notifier does nothing if systemd expects no reports
 */
public record Systemd(List<PassedSocket> sockets, ServiceNotifier notifier)
    implements AutoCloseable {
  public Systemd {
    sockets = List.copyOf(sockets);
  }

  /** For a process that systemd did not start. */
  public static Systemd none() {
    return new Systemd(List.of(), ServiceNotifier.none());
  }

  /**
   * Reads the environment that systemd sets.
   *
   * @param pid of this process; variables for another process are ignored
   */
  public static Systemd of(Map<String, String> environment, long pid) {
    return new Systemd(PassedSocket.of(environment, pid), ServiceNotifier.of(environment, pid));
  }

  /** Sends the waiting reports. Does not close sockets. */
  @Override
  public void close() {
    notifier.close();
  }
}
