package org.tlsuplift.server.daemon;

import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.MailConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.spool.JdbcSpoolStore;
import org.tlsuplift.server.spool.SpoolStore;

/** The spool of a checked configuration, for commands. */
public final class SpoolSource {
  private static final long MEGA = 1 << 20;

  private SpoolSource() {}

  /** As {@link #open}. */
  public interface Opening {
    SpoolStore open(ServerConfig config) throws OperatorException;
  }

  /** Whether messages may wait. */
  public static boolean exists(ServerConfig config) {
    return config.database() == null
        ? Files.exists(file(config).file())
        : config.spools().findAny().isPresent();
  }

  /** Why the listeners of a configuration keep no mail on this disk; empty if they do. */
  public static String refusal(ServerConfig config) {
    boolean used = config.database() == null && config.spools().findAny().isPresent();
    return used ? SqliteDisk.refusal(config.dataDirectory()) : "";
  }

  /** Warns if the disk is smaller than the spool may become; empty if it is not. */
  public static Optional<String> warning(ServerConfig config) {
    long most = config.spools().mapToLong(MailConfig.Spool::maximumSize).max().orElse(0);
    long room = SqliteDisk.room(file(config).file());
    return config.database() != null || room / 1.1 >= most
        ? Optional.empty()
        : Optional.of(
            "mail.spool.maximumSize: got %d MB, but '%s' has room for %d MB; free some space, or set a smaller maximumSize: devices get 452 when the disk is full"
                .formatted(most / MEGA, config.dataDirectory(), (long) (room / 1.1) / MEGA));
  }

  private static DatabasePlace.Embedded file(ServerConfig config) {
    return new DatabasePlace.Embedded(config.dataDirectory().resolve("spool.db"));
  }

  /** Opens it for a command, whether a daemon runs or not. */
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

  /** Opens it for a daemon. It connects on first use. */
  static SpoolStore ofDaemon(ServerConfig config, Clock clock) throws OperatorException {
    DatabaseConfig database = config.database();
    if (database == null) {
      return JdbcSpoolStore.open(file(config), null, clock);
    } else if (database.keyFile() == null) {
      throw new OperatorException(
          "mail.spool: set database.keyFile, which encrypts the mail in the database; make one:"
              + " openssl rand -out spool.key 32");
    }
    return JdbcSpoolStore.open(
        SharedDatabase.place(database), SealKey.read(database.keyFile()), clock);
  }
}
