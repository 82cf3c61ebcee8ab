package org.tlsuplift.server.cluster;

import java.security.GeneralSecurityException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.UnansweredCommitException;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.TokenStoreException;

/**
 * The accounts file in the database, for all instances. It is encrypted, so that nobody can add an
 * account who only has the database. Each method is one transaction. Thread-safe.
 */
public final class SharedAccounts {
  private static final String OWNER = "accounts";

  /** The characters of the ids of the latest changes. */
  private static final int MAX_RECENT = 4000;

  private final TokenDatabase database;
  private final SealKey key;

  SharedAccounts(TokenDatabase database, SealKey key) {
    this.database = database;
    this.key = key;
  }

  /**
   * The content of the file.
   *
   * @param version higher after each change
   */
  public record Copy(long version, String text) {}

  private static final class Row {
    private final long version;
    private final String keyId;
    private final byte[] content;

    private Row(ResultSet row) throws SQLException {
      version = row.getLong("version");
      keyId = row.getString("key_id");
      content = row.getBytes("content");
    }
  }

  /** The version in the database; 0 if there is none. */
  public long version() throws TokenStoreException {
    return database.ask(sql -> sql.number("SELECT version FROM uplift_accounts"));
  }

  /**
   * Reads the file.
   *
   * @throws TokenStoreException if the database does not respond, or the key is another one
   */
  public Optional<Copy> read() throws TokenStoreException {
    Optional<Row> found = row();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(open(found.get()));
    } catch (GeneralSecurityException damaged) {
      throw new TokenStoreException(
          "run 'tls-uplift accounts share' on the machine whose accounts are right: the accounts in"
              + " the database are damaged",
          false);
    }
  }

  /**
   * The version that an instance wrote, unlike {@link #version}, which anyone with the database may
   * have changed; 0 if there is none or it is damaged.
   *
   * @throws TokenStoreException as {@link #read}
   */
  public long writtenVersion() throws TokenStoreException {
    Optional<Row> found = row();
    try {
      return found.isEmpty() ? 0 : open(found.get()).version();
    } catch (GeneralSecurityException damaged) {
      return 0;
    }
  }

  private Optional<Row> row() throws TokenStoreException {
    Optional<Row> found =
        database.ask(
            sql -> sql.find("SELECT version, key_id, content FROM uplift_accounts", Row::new));
    if (found.isPresent() && !found.get().keyId.equals(key.id())) {
      throw new TokenStoreException(
          "the database has accounts for key %s, and database.keyFile is %s; use the key file of the other instances"
              .formatted(found.get().keyId, key),
          false);
    }
    return found;
  }

  private Copy open(Row row) throws GeneralSecurityException {
    return new Copy(row.version, key.open(OWNER, owned(row.version), row.content));
  }

  /**
   * Replaces a version of the file.
   *
   * @param replaced the version that is replaced; 0 if there is none yet
   * @param version above the replaced one
   * @param id no other change has it
   * @param object of the audit log
   * @return whether it was still that version
   * @throws UnknownOutcomeException if the database did not confirm it; {@link #isMade} finds out
   */
  public boolean write(long replaced, long version, String text, String id, String object)
      throws TokenStoreException, UnknownOutcomeException {
    byte[] content = seal(version, text);
    try {
      return database.ask(
              sql -> {
                endSoon(sql);
                return replaced == 0
                    ? sql.update(
                        "INSERT INTO uplift_accounts (version, key_id, content, changed, recent)"
                            + " VALUES (?, ?, ?, clock_timestamp(), ?) ON CONFLICT DO NOTHING",
                        version,
                        key.id(),
                        content,
                        id)
                    : sql.update(
                        "UPDATE uplift_accounts SET version = ?, key_id = ?, content = ?,"
                            + " changed = clock_timestamp(), recent = right(recent || ' ' || ?, ?)"
                            + " WHERE version = ?",
                        version,
                        key.id(),
                        content,
                        id,
                        MAX_RECENT,
                        replaced);
              })
          == 1;
    } catch (TokenStoreException failed) {
      if (failed.getCause() instanceof UnansweredCommitException) {
        throw new UnknownOutcomeException(id, object);
      }
      throw failed;
    }
  }

  /**
   * Whether a change was made whose commit was not confirmed. Waits until its transaction has
   * ended: the server may still have to read the commit.
   */
  public boolean isMade(String id) throws TokenStoreException {
    return database.ask(
        sql -> {
          endSoon(sql);
          sql.update("SET LOCAL lock_timeout = '2s'");
          sql.update("LOCK TABLE uplift_accounts IN SHARE MODE");
          return sql.number(
                  "SELECT count(*) FROM uplift_accounts WHERE position(? IN recent) > 0", id)
              > 0;
        });
  }

  /** Ends the transaction, with its locks, if this instance is cut off from the server. */
  private static void endSoon(Sql sql) throws SQLException {
    sql.update("SET LOCAL idle_in_transaction_session_timeout = '5s'");
  }

  private static String owned(long version) {
    return "version " + version;
  }

  private byte[] seal(long version, String text) throws TokenStoreException {
    try {
      return key.seal(OWNER, owned(version), text);
    } catch (GeneralSecurityException broken) {
      throw new TokenStoreException("the accounts cannot be encrypted: " + broken, false);
    }
  }
}
