package org.tlsuplift.server.daemon;

import java.nio.file.Files;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.spool.SpoolStore;

/** The spool of a checked configuration, for commands. */
public final class SpoolSource {
  private SpoolSource() {}

  /** As {@link #open}. */
  public interface Opening {
    SpoolStore open(ServerConfig config) throws OperatorException;
  }

  /** Whether messages may wait. */
  public static boolean exists(ServerConfig config) {
    return config.database() == null
        ? Files.exists(config.dataDirectory().resolve("spool.db"))
        : config.listeners().stream()
            .anyMatch(each -> each.mail() != null && each.mail().spool() != null);
  }

  /**
   * Opens it, whether a daemon runs or not.
   *
   * @throws OperatorException if there is none, or it cannot be opened
   */
  public static SpoolStore open(ServerConfig config) throws OperatorException {
    if (config.database() == null && !exists(config)) {
      throw new OperatorException(
          "no message waits: no listener with 'mail: {spool: ...}' has kept one; see tls-uplift"
              + " manual spool");
    }
    DatabaseConfig database = config.database();
    return JdbcSpoolStore.forCommand(
        database == null ? file(config) : SharedDatabase.place(database), Clock.systemUTC());
  }
}
