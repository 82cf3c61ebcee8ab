package org.tlsuplift.server.instances;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.tlsuplift.server.signin.token.TokenStoreException;

/** The encrypted tokens of one application in the database. Each method is one transaction. */
final class TokenTable {
  /** Longer than a request to the identity platform, with reading and writing. */
  private static final Duration HELD = Duration.ofSeconds(30);

  private static final String ROW = " WHERE owner = :owner AND mailbox = :mailbox";
  private static final String FREE = "holder = NULL, held_until = NULL";

  private final TokenDatabase database;
  private final String owner;
  private final String keyId;

  /**
   * @param keyId of the key with which this instance encrypts
   */
  TokenTable(TokenDatabase database, String owner, String keyId) {
    this.database = database;
    this.owner = owner;
    this.keyId = keyId;
  }

  /** A row that this instance holds. */
  static final class Row {
    private final byte[] content;
    private final UUID version;

    private Row(byte[] content, UUID version) {
      this.content = content;
      this.version = version;
    }

    private static Row read(ResultSet row) throws SQLException {
      return new Row(row.getBytes("content"), row.getObject("version", UUID.class));
    }

    byte[] content() {
      return content;
    }

    UUID version() {
      return version;
    }
  }

  /**
   * What {@link #hold} found.
   *
   * @param held the row, if it is held now
   * @param keyId of the row, held or not; empty without a row
   */
  record Found(Optional<Row> held, Optional<String> keyId) {}

  /** The version of each mailbox. */
  Map<String, String> versions() throws TokenStoreException {
    return database.ask(
        handle -> {
          Map<String, String> found = new HashMap<>();
          handle
              .createQuery("SELECT mailbox, version FROM uplift_user_token WHERE owner = :owner")
              .bind("owner", owner)
              .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
              .forEach(each -> found.put(each.getKey(), each.getValue()));
          return found;
        });
  }

  boolean has(String mailbox) throws TokenStoreException {
    return database.ask(handle -> keyOf(handle, mailbox)).isPresent();
  }

  private Optional<String> keyOf(Handle handle, String mailbox) {
    return handle
        .createQuery("SELECT key_id FROM uplift_user_token" + ROW)
        .bind("owner", owner)
        .bind("mailbox", mailbox)
        .mapTo(String.class)
        .findOne();
  }

  /** The other key of any row, also of other owners. */
  Optional<String> otherKey() throws TokenStoreException {
    return database.ask(
        handle ->
            handle
                .createQuery("SELECT key_id FROM uplift_user_token WHERE key_id <> :key LIMIT 1")
                .bind("key", keyId)
                .mapTo(String.class)
                .findOne());
  }

  /** Holds the row of a mailbox, if no other instance holds it and it has the right key. */
  Found hold(String mailbox, UUID holder) throws TokenStoreException {
    return database.ask(
        handle -> {
          Optional<Row> held =
              handle
                  .createQuery(
                      "UPDATE uplift_user_token SET holder = :holder,"
                          + " held_until = clock_timestamp() + make_interval(secs => :seconds)"
                          + ROW
                          + " AND key_id = :key"
                          + " AND (held_until IS NULL OR held_until < clock_timestamp())"
                          + " RETURNING content, version")
                  .bind("holder", holder)
                  .bind("seconds", (double) HELD.toSeconds())
                  .bind("owner", owner)
                  .bind("mailbox", mailbox)
                  .bind("key", keyId)
                  .map((row, context) -> Row.read(row))
                  .findOne();
          return new Found(held, held.isPresent() ? Optional.of(keyId) : keyOf(handle, mailbox));
        });
  }

  /** Gives a row back that was not changed. */
  void release(String mailbox, UUID holder) throws TokenStoreException {
    var unused =
        database.ask(
            handle ->
                handle
                    .createUpdate(
                        "UPDATE uplift_user_token SET " + FREE + ROW + " AND holder = :holder")
                    .bind("owner", owner)
                    .bind("mailbox", mailbox)
                    .bind("holder", holder)
                    .execute());
  }

  /**
   * Changes a row and gives it back.
   *
   * @return false if it has changed since the version before; it then stays as it is
   */
  boolean update(String mailbox, byte[] sealed, UUID before, UUID after)
      throws TokenStoreException {
    return database.ask(
        handle ->
            handle
                    .createUpdate(
                        "UPDATE uplift_user_token SET content = :content, version = :after,"
                            + " changed = clock_timestamp(), "
                            + FREE
                            + ROW
                            + " AND version = :before")
                    .bind("content", sealed)
                    .bind("after", after)
                    .bind("owner", owner)
                    .bind("mailbox", mailbox)
                    .bind("before", before)
                    .execute()
                > 0);
  }

  /** Adds a row; false if the mailbox has one. */
  boolean add(String mailbox, byte[] sealed) throws TokenStoreException {
    return database.ask(handle -> insert(handle, mailbox, sealed, "NOTHING") > 0);
  }

  /** Adds a row, or replaces it even if another instance holds it. */
  void replace(String mailbox, byte[] sealed) throws TokenStoreException {
    var unused =
        database.ask(
            handle ->
                insert(
                    handle,
                    mailbox,
                    sealed,
                    "UPDATE SET key_id = excluded.key_id, content = excluded.content,"
                        + " version = excluded.version, changed = excluded.changed, "
                        + FREE));
  }

  private int insert(Handle handle, String mailbox, byte[] sealed, String conflict) {
    return handle
        .createUpdate(
            "INSERT INTO uplift_user_token (owner, mailbox, key_id, content, version, changed)"
                + " VALUES (:owner, :mailbox, :key, :content, :version, clock_timestamp())"
                + " ON CONFLICT (owner, mailbox) DO "
                + conflict)
        .bind("owner", owner)
        .bind("mailbox", mailbox)
        .bind("key", keyId)
        .bind("content", sealed)
        .bind("version", UUID.randomUUID())
        .execute();
  }
}
