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
   * The number of sessions that this process can have. Logs a warning if it is lower than
   * configured.
   *
   * @throws OperatorException if no session is possible
   */
  public static int sessions(int configured) throws OperatorException {
    OptionalLong limit = OpenFiles.limit();
    return limit.isEmpty()
        ? configured
        : sessions(configured, limit.getAsLong(), Runtime.getRuntime().availableProcessors());
  }

  public static int sessions(int configured, long limit, int loops) throws OperatorException {
    long own = BASE_FILES + (long) PER_LOOP * loops;
    long possible = (limit - own) / PER_SESSION;
    if (possible >= configured) {
      return configured;
    }
    long needed = own + (long) PER_SESSION * configured;
    String text =
        "this process may open only %s files, but limits.maxSessions %s needs %s; set LimitNOFILE=%s (systemd) or 'ulimit -n %s' (shell), or lower limits.maxSessions"
            .formatted(limit, configured, needed, needed, needed);
    if (possible < 1) {
      throw new OperatorException(text, null);
    }
    log.warn("{}. Until then, at most {} sessions are accepted", text, possible);
    return (int) possible;
  }
}
