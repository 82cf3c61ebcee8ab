package org.tlsuplift.server.process;

import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.upstream.dial.OpenFiles;

/**
 * Compares the limit of open files with {@code limits.maxSessions} at the start. The daemon refuses
 * sessions beyond the limit of open files, because health checks and the inventory would fail too.
 */
public final class FileLimit {
  private static final Logger log = LoggerFactory.getLogger(FileLimit.class);

  /**
   * Reserved for the JVM, logs, databases and ports. A daemon without sessions has about 25 open
   * files.
   */
  private static final int BASE_FILES = 64;

  private static final int PER_LOOP = 3;
  private static final int PER_SESSION = 2;

  private FileLimit() {}

  /**
   * The number of sessions that this process can have.
   *
   * @throws OperatorException if no session is possible
   */
  public static int sessions(int configured) throws OperatorException {
    OptionalLong limit = OpenFiles.limit();
    return limit.isEmpty()
        ? configured
        : sessions(configured, limit.getAsLong(), Runtime.getRuntime().availableProcessors());
  }

  /** Logs a warning if this process cannot have all sessions. */
  public static void warn(int configured) throws OperatorException {
    int possible = sessions(configured);
    if (possible < configured) {
      log.warn(
          "{}. Until then, at most {} sessions are accepted",
          text(
              configured,
              OpenFiles.limit().orElseThrow(),
              Runtime.getRuntime().availableProcessors()),
          possible);
    }
  }

  public static int sessions(int configured, long limit, int loops) throws OperatorException {
    long possible = (limit - own(loops)) / PER_SESSION;
    if (possible < 1) {
      throw new OperatorException(text(configured, limit, loops), null);
    }
    return (int) Math.min(possible, configured);
  }

  private static long own(int loops) {
    return BASE_FILES + (long) PER_LOOP * loops;
  }

  private static String text(int configured, long limit, int loops) {
    long needed = own(loops) + (long) PER_SESSION * configured;
    return "this process may open only %s files, but limits.maxSessions %s needs %s; set LimitNOFILE=%s (systemd) or 'ulimit -n %s' (shell), or lower limits.maxSessions"
        .formatted(limit, configured, needed, needed, needed);
  }
}
