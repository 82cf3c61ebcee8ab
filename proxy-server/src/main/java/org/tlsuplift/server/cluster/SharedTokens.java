package org.tlsuplift.server.cluster;

import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.StoredToken;
import org.tlsuplift.server.signin.token.TokenStore;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.signin.token.UserTokens;

/**
 * The tokens of users of one application, in the database. A row is held for one request to the
 * identity platform; an instance that dies gives it back after some seconds.
 *
 * <p>A write succeeds only if the row is still that which was read. So a new sign-in of a user, and
 * newer tokens of another instance, stay.
 */
final class SharedTokens implements UserTokens {
  private static final Logger log = LoggerFactory.getLogger(SharedTokens.class);

  /** Longer than a request to the identity platform, with reading and writing. */
  private static final Duration HELD = Duration.ofSeconds(30);

  private static final String ROW = " WHERE owner = ? AND mailbox = ?";
  private static final String FREE = "holder = NULL, held_until = NULL";

  private static final Duration VERSIONS_AGE = Duration.ofSeconds(2);

  private final TokenDatabase database;
  private final SealKey key;
  private final String owner;
  private final TokenStore local;
  private Map<String, String> versions = Map.of();
  private long versionsUntil = System.nanoTime();

  /**
   * @param local has the tokens from the time before the database; they move to it
   */
  SharedTokens(TokenDatabase database, SealKey key, String owner, TokenStore local) {
    this.database = database;
    this.key = key;
    this.owner = owner;
    this.local = local;
  }

  /** One query for all mailboxes, because all of them may wait for their users. */
  @Override
  public synchronized String stamp(String mailbox) {
    if (System.nanoTime() - versionsUntil >= 0) {
      try {
        Map<String, String> found = new HashMap<>();
        versions =
            database.ask(
                sql -> {
                  sql.each(
                      "SELECT mailbox, version FROM uplift_user_token WHERE owner = ?",
                      row -> found.put(row.getString(1), row.getString(2)),
                      owner);
                  return found;
                });
      } catch (TokenStoreException away) {
        log.debug("the versions of tokens cannot be read", away);
      }
      versionsUntil = System.nanoTime() + VERSIONS_AGE.toNanos();
    }
    return versions.getOrDefault(mailbox, "");
  }

  @Override
  public boolean isSignedIn(String mailbox) throws TokenStoreException {
    return local.isSignedIn(mailbox) || database.ask(sql -> keyOf(sql, mailbox)).isPresent();
  }

  @Override
  public Optional<Taken> take(String mailbox) throws TokenStoreException {
    UUID holder = UUID.randomUUID();
    Found found = hold(mailbox, holder);
    if (found.keyId().isEmpty()) {
      Optional<String> before = local.read(mailbox);
      if (before.isEmpty()) {
        return local.take(mailbox);
      }
      move(mailbox, before.get());
      found = hold(mailbox, holder);
    }
    String keyId = found.keyId().orElse(key.id());
    if (!keyId.equals(key.id())) {
      throw otherKey("its tokens", keyId);
    }
    if (found.sealed().isEmpty() || found.version().isEmpty()) {
      return Optional.empty();
    }
    Content content = Content.parse(open(mailbox, holder, found.sealed().get()));
    Optional<Taken> taken =
        Optional.of(new TakenRow(mailbox, holder, found.version().get(), content));
    local.delete(mailbox);
    return taken;
  }

  /**
   * What {@link #hold} found.
   *
   * @param sealed the content of the row, if it is held now
   * @param version of the row, if it is held now
   * @param keyId of the row, held or not; empty without a row
   */
  private record Found(Optional<byte[]> sealed, Optional<UUID> version, Optional<String> keyId) {}

  /** Holds the row of a mailbox, if no other instance holds it and it has the right key. */
  private Found hold(String mailbox, UUID holder) throws TokenStoreException {
    return database.ask(
        sql -> {
          Optional<Found> held =
              sql.find(
                  "UPDATE uplift_user_token SET holder = ?,"
                      + " held_until = clock_timestamp() + make_interval(secs => ?)"
                      + ROW
                      + " AND key_id = ?"
                      + " AND (held_until IS NULL OR held_until < clock_timestamp())"
                      + " RETURNING content, version",
                  row ->
                      new Found(
                          Optional.of(row.getBytes(1)),
                          Optional.of(row.getObject(2, UUID.class)),
                          Optional.of(key.id())),
                  holder,
                  (double) HELD.toSeconds(),
                  owner,
                  mailbox,
                  key.id());
          return held.isPresent()
              ? held.get()
              : new Found(Optional.empty(), Optional.empty(), keyOf(sql, mailbox));
        });
  }

  private Optional<String> keyOf(Sql sql, String mailbox) throws SQLException {
    return sql.find(
        "SELECT key_id FROM uplift_user_token" + ROW, row -> row.getString(1), owner, mailbox);
  }

  private String open(String mailbox, UUID holder, byte[] sealed) throws TokenStoreException {
    try {
      return key.open(owner, mailbox, sealed);
    } catch (GeneralSecurityException damaged) {
      release(mailbox, holder);
      throw new TokenStoreException(
          "its tokens in the database are damaged, or belong to another mailbox or tenant; a user"
              + " must sign in again: tls-uplift accounts sign-in "
              + ShortText.argument(mailbox, "MAILBOX"),
          false);
    }
  }

  /** Gives a row back that was not changed. */
  private void release(String mailbox, UUID holder) throws TokenStoreException {
    var unused =
        execute(
            "UPDATE uplift_user_token SET " + FREE + ROW + " AND holder = ?",
            owner,
            mailbox,
            holder);
  }

  private int execute(String change, Object... values) throws TokenStoreException {
    return database.ask(sql -> sql.update(change, values));
  }

  /** Moves tokens from the time before the database, unless another instance was faster. */
  private void move(String mailbox, String cache) throws TokenStoreException {
    check();
    if (insert(mailbox, cache, "NOTHING") > 0) {
      log.info("the sign-in for {} has moved from this instance to the database", mailbox);
    }
  }

  @Override
  public void check() throws TokenStoreException {
    // The key of any row, also of other owners.
    Optional<String> other =
        database.ask(
            sql ->
                sql.find(
                    "SELECT key_id FROM uplift_user_token WHERE key_id <> ? LIMIT 1",
                    row -> row.getString(1),
                    key.id()));
    if (other.isPresent()) {
      throw otherKey("tokens", other.get());
    }
  }

  @Override
  public void replace(String mailbox, String cache) throws TokenStoreException {
    check();
    // Also if another instance holds the row.
    var unused =
        insert(
            mailbox,
            cache,
            "UPDATE SET key_id = excluded.key_id, content = excluded.content,"
                + " version = excluded.version, changed = excluded.changed, "
                + FREE);
    local.delete(mailbox);
  }

  private int insert(String mailbox, String cache, String conflict) throws TokenStoreException {
    return execute(
        "INSERT INTO uplift_user_token (owner, mailbox, key_id, content, version, changed)"
            + " VALUES (?, ?, ?, ?, ?, clock_timestamp())"
            + " ON CONFLICT (owner, mailbox) DO "
            + conflict,
        owner,
        mailbox,
        key.id(),
        seal(mailbox, new Content(null, cache)),
        UUID.randomUUID());
  }

  /** Changes a row and gives it back, unless it has changed since the version before. */
  private int update(String mailbox, byte[] sealed, UUID before, UUID after)
      throws TokenStoreException {
    return execute(
        "UPDATE uplift_user_token SET content = ?, version = ?, changed = clock_timestamp(), "
            + FREE
            + ROW
            + " AND version = ?",
        sealed,
        after,
        owner,
        mailbox,
        before);
  }

  private boolean isAt(String mailbox, UUID version) throws TokenStoreException {
    String query = "SELECT count(*) FROM uplift_user_token" + ROW + " AND version = ?";
    return database.ask(sql -> sql.number(query, owner, mailbox, version)) > 0;
  }

  private TokenStoreException otherKey(String what, String keyId) {
    return new TokenStoreException(
        "the database has %s for key %s, and database.keyFile is key %s; use the key file of the other instances; if it is lost, see: tls-uplift manual several-instances"
            .formatted(what, keyId, key.id()),
        false);
  }

  private byte[] seal(String mailbox, Content content) {
    try {
      return key.seal(owner, mailbox, content.text());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("AES-GCM is in every Java runtime", impossible);
    }
  }

  /**
   * The plaintext of a row: the newest access token, a line break, and the library's cache with the
   * refresh token. The cache alone does not show which of its access tokens is the newest.
   *
   * @param token null after a sign-in
   */
  private record Content(@Nullable AccessToken token, String cache) {
    String text() {
      return (token == null ? "" : StoredToken.text(token, ' ')) + "\n" + cache;
    }

    static Content parse(String text) {
      int line = text.indexOf('\n');
      return new Content(
          StoredToken.parse(text.substring(0, Math.max(line, 0)), ' ').orElse(null),
          text.substring(line + 1));
    }
  }

  /** Used by one thread. */
  private final class TakenRow implements Taken {
    private final String mailbox;
    private final UUID holder;
    private UUID version;
    private Content content;
    private boolean written;

    TakenRow(String mailbox, UUID holder, UUID version, Content content) {
      this.mailbox = mailbox;
      this.holder = holder;
      this.version = version;
      this.content = content;
    }

    @Override
    public Optional<String> cache() {
      return Optional.of(content.cache());
    }

    @Override
    public @Nullable AccessToken token() {
      return content.token();
    }

    @Override
    public String version() {
      return version.toString();
    }

    @Override
    public void write(String cache, @Nullable AccessToken token) {
      UUID before = version;
      UUID after = UUID.randomUUID();
      content = new Content(token, cache);
      version = after;
      written = true;
      byte[] sealed = seal(mailbox, content);
      database.save(
          () -> {
            // Without a reply to its first commit, this is the second attempt.
            if (update(mailbox, sealed, before, after) == 0 && !isAt(mailbox, after)) {
              log.info("the tokens of {} were replaced meanwhile; the newer ones stay", mailbox);
            }
          });
    }

    /** A row that is written is free; one that cannot be written yet is held for some seconds. */
    @Override
    public void close() {
      if (!written) {
        try {
          release(mailbox, holder);
        } catch (TokenStoreException away) {
          log.debug("the tokens of {} are held for some seconds", mailbox, away);
        }
      }
    }
  }
}
