package org.tlsuplift.server.cluster;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.Schema;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.TokenStore;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.signin.token.UserTokens;

/**
 * The database in which instances share the tokens of users and their accounts. It connects on
 * first use.
 *
 * <p>After a failure it fails at once for a second, so that callers do not wait one after the
 * other. Thread-safe.
 */
public final class TokenDatabase implements AutoCloseable {
  /** The tokens of users and the device accounts. */
  public static final Schema SCHEMA =
      new Schema(
          "org/tlsuplift/server/signin",
          "tlsuplift_signin_history",
          List.of("V1__tokens.sql", "V2__accounts.sql", "V3__recent_changes.sql"));

  private static final Logger log = LoggerFactory.getLogger(TokenDatabase.class);
  private static final Duration QUIET = Duration.ofSeconds(1);

  private final DatabasePlace.PostgreSql place;
  private final Database database;
  private final SealKey key;
  private final Consumer<String> outages;
  final Set<Unsaved> waiting = ConcurrentHashMap.newKeySet();
  private Schedule.@Nullable Task retries;
  private volatile boolean closing;
  private boolean migrated;
  private @Nullable String reason;
  private long quietUntil;

  private TokenDatabase(DatabasePlace.PostgreSql place, SealKey key, Consumer<String> outages) {
    this.place = place;
    this.database = Database.forLimits(place);
    this.key = key;
    this.outages = outages;
  }

  /** Opens the database, which may be away, for a daemon: outages are logged. */
  public static TokenDatabase open(DatabasePlace.PostgreSql place, SealKey key, Schedule schedule) {
    TokenDatabase database = new TokenDatabase(place, key, outage -> log.warn("{}", outage));
    database.retries = schedule.every(QUIET, QUIET, "saving of tokens", database::saveWaiting);
    return database;
  }

  /** Opens the database for a command, which reports failures itself. */
  public static TokenDatabase forCommand(DatabasePlace.PostgreSql place, SealKey key) {
    return new TokenDatabase(place, key, outage -> log.debug("{}", outage));
  }

  /**
   * The tokens of one application.
   *
   * @param owner of the tokens: those of another owner cannot be decrypted
   * @param local has the tokens from the time before the database; they move to it
   */
  public UserTokens tokens(String owner, TokenStore local) {
    return new SharedTokens(this, key, owner, local);
  }

  /** The accounts file that the instances share. */
  public SharedAccounts accounts() {
    return new SharedAccounts(this, key);
  }

  /** Runs statements in one short transaction. Blocks for a few seconds at most. */
  <T> T ask(Sql.Work<T> statements) throws TokenStoreException {
    failAtOnce();
    try {
      migrate();
      T result = database.runTogether(statements);
      responds();
      return result;
    } catch (SQLException | RuntimeException failed) {
      throw failed(failed);
    }
  }

  /** Statements that are tried again until the database responds. */
  interface Unsaved {
    void save() throws TokenStoreException;
  }

  /** Saves now or later, at the latest when the daemon ends. */
  void save(Unsaved unsaved) {
    try {
      unsaved.save();
      waiting.remove(unsaved);
    } catch (TokenStoreException away) {
      if (closing) {
        lost(away);
      } else {
        waiting.add(unsaved);
      }
    }
  }

  private void saveWaiting() {
    waiting.forEach(this::save);
  }

  private static void lost(TokenStoreException why) {
    log.warn("new tokens are lost: {}; a user may have to sign in again", why.getMessage());
  }

  private synchronized void failAtOnce() throws TokenStoreException {
    if (reason != null && System.nanoTime() - quietUntil < 0) {
      throw new TokenStoreException(reason, true);
    }
  }

  private synchronized void migrate() throws SQLException {
    if (!migrated) {
      database.migrate(SCHEMA);
      migrated = true;
    }
  }

  private synchronized void responds() {
    if (reason != null) {
      reason = null;
      log.info("the database with the tokens of users responds again");
    }
  }

  private synchronized TokenStoreException failed(Exception failed) {
    if (Thread.currentThread().isInterrupted()) {
      // The daemon ends, or a reload has replaced the tokens.
      return new TokenStoreException("the request to the database was interrupted", true, failed);
    }
    String now =
        "the database with the tokens does not respond: %s: %s; check 'database'"
            .formatted(place, Database.reason(failed));
    if (reason == null && !closing) {
      outages.accept(now + "; each instance uses the tokens that it has until they expire");
    }
    reason = now;
    quietUntil = System.nanoTime() + QUIET.toNanos();
    return new TokenStoreException(now, true, failed);
  }

  /** Saves what waits, if the database responds, and closes all connections. */
  @Override
  public void close() {
    closing = true;
    if (retries != null) {
      retries.close();
    }
    for (Unsaved unsaved : waiting) {
      try {
        unsaved.save();
      } catch (TokenStoreException away) {
        lost(away);
      }
    }
    database.close();
  }
}
