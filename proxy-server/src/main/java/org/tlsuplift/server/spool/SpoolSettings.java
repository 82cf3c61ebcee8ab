package org.tlsuplift.server.spool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.seal.SealKey;

/**
 * What a checked configuration says about the spool.
 *
 * @param sections of the listeners that have one, by name
 * @param shared the database of several instances; null for a file in the data directory
 * @param keyFile encrypts the mail in that database; null for none
 */
public record SpoolSettings(
    Path dataDirectory,
    Map<String, SpoolSection> sections,
    @Nullable Shared shared,
    @Nullable Path keyFile) {
  private static final long MEGA = 1 << 20;

  public SpoolSettings {
    sections = Map.copyOf(sections);
  }

  /** How to reach the database. */
  public interface Shared {
    /**
     * @throws OperatorException if the password cannot be read
     */
    DatabasePlace place() throws OperatorException;
  }

  /** Whether a listener keeps messages. */
  boolean isUsed() {
    return !sections.isEmpty();
  }

  /** Whether messages may wait. */
  boolean exists() {
    return shared == null ? Files.exists(file().file()) : isUsed();
  }

  /** Why the listeners keep no mail on this disk; empty if they do. */
  String refusal() {
    return shared == null && isUsed() ? SqliteDisk.refusal(dataDirectory) : "";
  }

  /** Warns if the disk is smaller than the spool may become. */
  List<String> warnings() {
    long most = sections.values().stream().mapToLong(SpoolSection::maximumSize).max().orElse(0);
    long room = SqliteDisk.room(file().file());
    return shared != null || room / 1.1 >= most
        ? List.of()
        : List.of(
            "mail.spool.maximumSize: got %d MB, but '%s' has room for %d MB; free some space, or set a smaller maximumSize: devices get 452 when the disk is full"
                .formatted(most / MEGA, dataDirectory, (long) (room / 1.1) / MEGA));
  }

  private DatabasePlace.Embedded file() {
    return new DatabasePlace.Embedded(dataDirectory.resolve("spool.db"));
  }

  /** Opens it for a command, whether a daemon runs or not. */
  SpoolStore open() throws OperatorException {
    if (shared == null && !exists()) {
      throw new OperatorException(
          "no message waits: no listener with 'mail: {spool: ...}' has kept one; see tls-uplift"
              + " manual spool");
    }
    return JdbcSpoolStore.forCommand(place(), Clock.systemUTC());
  }

  private DatabasePlace place() throws OperatorException {
    return shared == null ? file() : shared.place();
  }

  /** Opens it for a daemon. It connects on first use. */
  SpoolStore ofDaemon(Clock clock) throws OperatorException {
    if (shared == null) {
      return JdbcSpoolStore.open(file(), null, clock);
    } else if (keyFile == null) {
      throw new OperatorException(
          "mail.spool: set database.keyFile, which encrypts the mail in the database; make one:"
              + " openssl rand -out spool.key 32");
    }
    return JdbcSpoolStore.open(place(), SealKey.read(keyFile), clock);
  }
}
