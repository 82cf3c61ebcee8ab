package org.tlsuplift.proxy.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/**
 * How many files this process may have open (RLIMIT_NOFILE). Each session needs two: its sockets.
 */
public final class OpenFiles {
  /** What an operator can do for more of them. */
  public static final String REMEDY =
      "raise the limit (systemd: LimitNOFILE, shell: ulimit -n) above twice limits.maxSessions, or"
          + " lower limits.maxSessions";

  private OpenFiles() {}

  /** The limit; empty on systems that have none. */
  public static OptionalLong limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }

  /** Whether something failed because this process had too many files open (EMFILE). */
  static boolean areTooMany(Throwable failed) {
    String message = String.valueOf(failed.getMessage());
    return message.contains("Too many open files") && !message.contains("in system");
  }
}
