package org.tlsuplift.proxy.upstream.dial;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The limit of open files of this process (RLIMIT_NOFILE). Each session needs two: its sockets. */
public final class OpenFiles {
  public static final String REMEDY =
      "raise the limit (LimitNOFILE, ulimit -n) above twice limits.maxSessions, or lower that";

  /** The system's message. */
  static final String TOO_MANY = "Too many open files";

  private static final int MAX_CAUSES = 10;

  private OpenFiles() {}

  /** The limit; empty on systems that have none. */
  public static OptionalLong limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }

  /** Whether a failure is that of too many open files in this process (EMFILE). */
  public static boolean areTooMany(@Nullable Throwable failed) {
    Throwable cause = failed;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains(TOO_MANY) && !message.contains("in system")) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
