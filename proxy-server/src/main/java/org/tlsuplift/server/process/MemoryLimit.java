package org.tlsuplift.server.process;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the memory of the machine, or the limit of the container or service, with {@code
 * limits.maxSessions} at the start. The daemon refuses sessions beyond it, because the kernel would
 * end the process.
 */
public final class MemoryLimit {
  private static final Logger log = LoggerFactory.getLogger(MemoryLimit.class);

  /** What the JVM, its code and its classes take: see the page on performance. */
  private static final long BASE_BYTES = 140L << 20;

  private static final long PER_SESSION = 30 << 10;

  /** A machine that is smaller than the daemon may still serve a few devices. */
  private static final int MIN_SESSIONS = 50;

  private MemoryLimit() {}

  /**
   * The number of sessions that the memory is enough for. Logs a warning if it is lower than
   * configured.
   */
  public static int sessions(int configured) {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? sessions(configured, system.getTotalMemorySize())
        : configured;
  }

  static int sessions(int configured, long memory) {
    long possible = Math.max(MIN_SESSIONS, (memory - BASE_BYTES) / PER_SESSION);
    if (memory <= 0 || possible >= configured) {
      return configured;
    }
    log.warn(
        "this process may use only {} MiB of memory, but limits.maxSessions {} needs {} MiB; give it"
            + " more memory, or lower limits.maxSessions. Until then, at most {} sessions are"
            + " accepted",
        memory >> 20,
        configured,
        ((BASE_BYTES + PER_SESSION * configured) >> 20) + 1,
        possible);
    return (int) possible;
  }
}
