package org.tlsuplift.server.instances;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.server.signin.token.LocalUserTokens;
import org.tlsuplift.server.signin.token.TokenKey;
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
  private static final Duration VERSIONS_AGE = Duration.ofSeconds(2);

  private final TokenDatabase database;
  private final TokenTable table;
  private final TokenKey key;
  private final String owner;
  private final LocalUserTokens local;
  private Map<String, String> versions = Map.of();
  private long versionsUntil = System.nanoTime();

  /**
   * @param local has the tokens from the time before the database; they move to it
   */
  SharedTokens(TokenDatabase database, TokenKey key, String owner, LocalUserTokens local) {
    this.database = database;
    this.table = new TokenTable(database, owner, key.id());
    this.key = key;
    this.owner = owner;
    this.local = local;
  }

  /** One query for all mailboxes, because all of them may wait for their users. */
  @Override
  public synchronized String stamp(String mailbox) {
    if (System.nanoTime() - versionsUntil >= 0) {
      try {
        versions = table.versions();
      } catch (TokenStoreException away) {
        log.debug("the versions of tokens cannot be read", away);
      }
      versionsUntil = System.nanoTime() + VERSIONS_AGE.toNanos();
    }
    return versions.getOrDefault(mailbox, "");
  }

  @Override
  public boolean isSignedIn(String mailbox) throws TokenStoreException {
    return local.isSignedIn(mailbox) || table.has(mailbox);
  }

  @Override
  public Optional<Taken> take(String mailbox) throws TokenStoreException {
    UUID holder = UUID.randomUUID();
    TokenTable.Found found = table.hold(mailbox, holder);
    if (found.keyId().isEmpty()) {
      Optional<String> before = local.read(mailbox);
      if (before.isEmpty()) {
        return Optional.of(new NotSignedIn());
      }
      move(mailbox, before.get());
      found = table.hold(mailbox, holder);
    }
    String keyId = found.keyId().orElse(key.id());
    if (!keyId.equals(key.id())) {
      throw otherKey("its tokens", keyId);
    }
    if (found.held().isEmpty()) {
      return Optional.empty();
    }
    TokenTable.Row row = found.held().get();
    TokenContent content = TokenContent.parse(open(mailbox, holder, row));
    Optional<Taken> taken = Optional.of(new TakenRow(mailbox, holder, row, content));
    local.delete(mailbox);
    return taken;
  }

  private String open(String mailbox, UUID holder, TokenTable.Row row) throws TokenStoreException {
    try {
      return key.open(owner, mailbox, row.content());
    } catch (GeneralSecurityException damaged) {
      table.release(mailbox, holder);
      throw new TokenStoreException(
          "its tokens in the database are damaged, or belong to another mailbox or tenant; a user must sign in again: tls-uplift accounts sign-in "
              + mailbox,
          false);
    }
  }

  /** Moves tokens from the time before the database, unless another instance was faster. */
  private void move(String mailbox, String cache) throws TokenStoreException {
    check();
    if (table.add(mailbox, seal(mailbox, new TokenContent(null, cache)))) {
      log.info("the sign-in for {} has moved from this instance to the database", mailbox);
    }
  }

  @Override
  public void check() throws TokenStoreException {
    Optional<String> other = table.otherKey();
    if (other.isPresent()) {
      throw otherKey("tokens", other.get());
    }
  }

  @Override
  public void replace(String mailbox, String cache) throws TokenStoreException {
    check();
    table.replace(mailbox, seal(mailbox, new TokenContent(null, cache)));
    local.delete(mailbox);
  }

  private TokenStoreException otherKey(String what, String keyId) {
    return new TokenStoreException(
        "the database has %s for key %s, and database.keyFile is key %s; use the key file of the other instances; if it is lost, see: tls-uplift manual several-instances"
            .formatted(what, keyId, key.id()),
        false);
  }

  private byte[] seal(String mailbox, TokenContent content) {
    try {
      return key.seal(owner, mailbox, content.text());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("AES-GCM is in every Java runtime", impossible);
    }
  }

  /** There is nothing to take. */
  private record NotSignedIn() implements Taken {
    @Override
    public Optional<String> cache() {
      return Optional.empty();
    }

    @Override
    public @Nullable AccessToken token() {
      return null;
    }

    @Override
    public String version() {
      return "";
    }

    @Override
    public void write(String cache, @Nullable AccessToken token) {
      throw new IllegalStateException("new tokens without a sign-in");
    }

    @Override
    public void close() {}
  }

  /** Used by one thread. */
  private final class TakenRow implements Taken {
    private final String mailbox;
    private final UUID holder;
    private UUID version;
    private TokenContent content;
    private boolean written;

    TakenRow(String mailbox, UUID holder, TokenTable.Row row, TokenContent content) {
      this.mailbox = mailbox;
      this.holder = holder;
      this.version = row.version();
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
      content = new TokenContent(token, cache);
      version = after;
      written = true;
      byte[] sealed = seal(mailbox, content);
      database.save(
          () -> {
            if (!table.update(mailbox, sealed, before, after)) {
              log.info("the tokens of {} were replaced meanwhile; the newer ones stay", mailbox);
            }
          });
    }

    /** A row that is written is free; one that cannot be written yet is held for some seconds. */
    @Override
    public void close() {
      if (!written) {
        try {
          table.release(mailbox, holder);
        } catch (TokenStoreException away) {
          log.debug("the tokens of {} are held for some seconds", mailbox, away);
        }
      }
    }
  }
}
