package org.tlsuplift.proxy.upstream.dial;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * This process's limit of open files (RLIMIT_NOFILE). Each session needs two, one for each socket.
 */
public final class OpenFiles {
  public static final String REMEDY =
      "raise LimitNOFILE (ulimit -n) above twice limits.maxSessions, or lower maxSessions";

  /** The system's message for EMFILE and ENFILE. */
  static final String TOO_MANY = "Too many open files";

  private static final int MAX_CAUSES = 10;

  private OpenFiles() {}

  /** The limit; empty on systems without one. */
  public static OptionalLong limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }

  /** Whether this process had too many open files (EMFILE), by the exception and its causes. */
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
