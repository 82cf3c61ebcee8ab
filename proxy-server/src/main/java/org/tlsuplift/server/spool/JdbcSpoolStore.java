package org.tlsuplift.server.spool;

import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MessageSpool;
import org.tlsuplift.proxy.mail.MessageSpool.Envelope;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.InventoryPlace;
import org.tlsuplift.server.inventory.jdbc.Database;
import org.tlsuplift.server.inventory.jdbc.Schema;
import org.tlsuplift.server.inventory.jdbc.Sql;
import org.tlsuplift.server.inventory.record.Recorder;
import org.tlsuplift.server.process.FullDisk;
import org.tlsuplift.server.signin.token.TokenKey;

/**
 * The messages that wait, in a SQLite file of one daemon or in a PostgreSQL database that several
 * share. It connects on first use, and again after an outage.
 */
public final class JdbcSpoolStore implements SpoolStore {
  private static final Logger log = LoggerFactory.getLogger(JdbcSpoolStore.class);

  /** One connection of the pool stays free for readers. */
  private static final int POSTGRESQL_WRITERS = 3;

  /** What new messages leave free on the disk, in bytes: without space, none can be deleted. */
  private static final long ROOM = 32 << 20;

  private static final Duration COUNT_INTERVAL = Duration.ofSeconds(3);
  private static final Duration PARTS_KEPT = Duration.ofHours(1);

  /** Longer than a broken connection to PostgreSQL can take to commit. */
  private static final Duration UNKNOWN = Duration.ofMinutes(1);

  private static final String SELECT =
      "SELECT id, listener, device, account, sender, recipients, open_recipients, utf8, size,"
          + " accepted, expires, attempts, next_attempt, last_reply, held FROM spool_message ";

  private static final String UPDATE = "UPDATE spool_message SET ";

  private final InventoryPlace place;
  private final boolean shared;
  private final boolean command;
  private final Clock clock;
  private final Database database;
  private final GroupCommit writer;
  private final String owner = UUID.randomUUID().toString();
  private final SpoolLimits limits = new SpoolLimits();
  private final AtomicLong counted = new AtomicLong();
  private final Map<String, Long> unwanted = new ConcurrentHashMap<>();
  private final org.tlsuplift.server.background.Notice outage =
      org.tlsuplift.server.background.Notice.once();
  private boolean prepared;
  private volatile @Nullable TokenKey key;

  private JdbcSpoolStore(
      InventoryPlace place, @Nullable TokenKey key, boolean command, Clock clock) {
    this.place = place;
    this.key = key;
    this.command = command;
    this.clock = clock;
    shared = place instanceof InventoryPlace.PostgreSql;
    database = Database.forSpool(place);
    writer = new GroupCommit(this::commit, shared ? POSTGRESQL_WRITERS : 1);
  }

  /** Opens the spool of one daemon. It creates {@code spool.key} beside the file. */
  public static JdbcSpoolStore open(InventoryPlace.Embedded place, Clock clock) {
    return new JdbcSpoolStore(place, null, false, clock);
  }

  /**
   * Opens a spool that several daemons share.
   *
   * @param key of {@code database.keyFile}
   */
  public static JdbcSpoolStore open(InventoryPlace.PostgreSql place, TokenKey key, Clock clock) {
    return new JdbcSpoolStore(place, key.forSpool(), false, clock);
  }

  /** Opens a spool for a command, which neither keeps nor claims nor reads messages. */
  public static JdbcSpoolStore forCommand(InventoryPlace place, Clock clock) {
    return new JdbcSpoolStore(place, null, true, clock);
  }

  private void commit(Sql.Change changes) throws SQLException {
    prepare();
    database.change(changes);
    if (database.isReplaced()) {
      throw new SQLException("the file was deleted or replaced while it was written");
    }
  }

  private synchronized void prepare() throws SQLException {
    if (prepared && !database.isReplaced()) {
      return;
    }
    prepared = false;
    database.reopen();
    if (!command) {
      database.createFile();
      database.migrate(Schema.SPOOL);
      database.change(this::begin);
    } else if (place instanceof InventoryPlace.Embedded one && !Files.exists(one.file())) {
      throw new SQLException("the file does not exist; no message waits");
    } else {
      database.createFile();
    }
    prepared = true;
  }

  private void begin(Sql sql) throws SQLException {
    if (place instanceof InventoryPlace.Embedded one) {
      key = ownKey(sql, one.file().resolveSibling("spool.key"));
      // The claims of the process before.
      sql.update(UPDATE + "owner = '', lease_until = 0 WHERE lease_until > 0");
    } else if (sql.number("SELECT 1 WHERE current_setting('synchronous_commit') = 'off'") > 0) {
      throw new SQLException("synchronous_commit is off; set it to on, or messages can be lost");
    }
    String id = key().id();
    String other = "SELECT key_id FROM spool_message WHERE key_id <> ? LIMIT 1";
    Optional<String> found = sql.find(other, row -> row.getString(1), id);
    if (found.isPresent()) {
      throw new SQLException(
          "its messages need key %s, and this is key %s; restore the key from a backup"
              .formatted(found.get(), id));
    }
    count(sql, shared ? PARTS_KEPT : Duration.ZERO);
  }

  private static TokenKey ownKey(Sql sql, Path file) throws SQLException {
    try {
      if (!Files.exists(file)) {
        if (sql.number("SELECT count(*) FROM spool_message") > 0) {
          throw new SQLException(
              "messages wait, and their key %s is missing; restore it from a backup, or delete spool.db to give the messages up"
                  .formatted(file));
        }
        TokenKey.create(file);
      }
      return TokenKey.readCreated(file)
          .orElseThrow(() -> new SQLException(file + " is damaged; restore it from a backup"));
    } catch (IOException failed) {
      throw new SQLException(file + " cannot be used: " + failed);
    }
  }

  private TokenKey key() {
    return Objects.requireNonNull(key, "a command cannot read messages");
  }

  /** Counts what waits, and deletes parts that never became a message. */
  private int count(Sql sql, Duration partsKept) throws SQLException {
    Map<String, SpoolLimits.Amount> found = new HashMap<>();
    sql.each(
        "SELECT device, account, count(*), sum(size) FROM spool_message GROUP BY device, account",
        row -> {
          SpoolLimits.Amount amount = new SpoolLimits.Amount(row.getLong(3), row.getLong(4));
          SpoolLimits.add(found, row.getString(1), row.getString(2), amount);
        });
    limits.replace(found);
    return sql.update(
        "DELETE FROM spool_part WHERE id < ? AND id NOT IN (SELECT id FROM spool_message)",
        MessageKey.firstId(now() - partsKept.toMillis()));
  }

  /** Counts in the background what waits, unless that was done a few seconds ago. */
  void countAgain() {
    long last = counted.get();
    if (Math.abs(now() - last) > COUNT_INTERVAL.toMillis() && counted.compareAndSet(last, now())) {
      var unused = submit(sql -> count(sql, PARTS_KEPT));
    }
  }

  @Override
  public MessageSpool intake(boolean always, Duration keep, long maximumSize) {
    return new SpoolIntake(this, limits, always, keep, maximumSize);
  }

  long now() {
    return clock.millis();
  }

  /** The time that all instances have. */
  private long now(Sql sql) throws SQLException {
    String time = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    return shared ? sql.number(time) : now();
  }

  <T> CompletableFuture<T> submit(Sql.Work<T> change) {
    return writer.submit(change);
  }

  /** The reply to a device whose message cannot be kept. */
  String refusal(Throwable failed) {
    String why = failure(failed).getMessage();
    synchronized (outage) {
      if (outage.isNews(why)) {
        log.warn("{}; messages are refused until it works", why);
      }
    }
    return FullDisk.isCauseOf(failed)
        ? "452 4.3.1 The disk of TLS Uplift is full; try again later"
        : "451 4.3.0 TLS Uplift cannot keep the message now; try again later";
  }

  /** A message was kept. */
  void works() {
    synchronized (outage) {
      if (outage.ended()) {
        log.info("the spool {} works again", place);
      }
    }
  }

  private SpoolException failure(Throwable failed) {
    return new SpoolException("the spool " + place + ": " + Recorder.reason(failed), failed);
  }

  int insertPart(Sql sql, MessageKey key, int number, boolean last, byte[] data)
      throws SQLException {
    if (place instanceof InventoryPlace.Embedded one
        && one.file().toAbsolutePath().getParent().toFile().getUsableSpace() < ROOM) {
      throw new SQLException("no space left on the disk: less than 32 MiB");
    }
    try {
      byte[] sealed = key.part(Cipher.ENCRYPT_MODE, number, last, data);
      String insert = "INSERT INTO spool_part VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
      return sql.update(insert, key.id(), number, sealed);
    } catch (GeneralSecurityException impossible) {
      throw new SQLException(impossible);
    }
  }

  /** The last step: a message whose row is committed is kept. */
  void insert(Sql sql, MessageKey key, Envelope envelope, long size, Duration keep)
      throws SQLException {
    String count = "SELECT count(*) FROM spool_part WHERE id = ?";
    if (sql.number(count, key.id()) != MessageKey.parts(size)) {
      throw new SQLException("parts of a message are missing");
    }
    String account = envelope.account();
    String queue = account.isEmpty() ? "listener " + envelope.listener() : "account " + account;
    String device = DeviceAddress.of(envelope.device()).text();
    String recipients = String.join("\n", envelope.recipients());
    long now = now();
    try {
      byte[] sealed = key.seal(key(), envelope, size);
      Object[] row = {
        key.id(),
        queue,
        envelope.listener(),
        device,
        account,
        envelope.sender(),
        recipients,
        recipients,
        envelope.utf8() ? 1 : 0,
        size,
        now,
        now + keep.toMillis(),
        now,
        key().id(),
        sealed
      };
      sql.update(
          "INSERT INTO spool_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', 0, '',"
              + " 0, ?, ?) ON CONFLICT DO NOTHING",
          row);
    } catch (GeneralSecurityException impossible) {
      throw new SQLException(impossible);
    }
  }

  int deleteParts(Sql sql, String id) throws SQLException {
    return sql.update("DELETE FROM spool_part WHERE id = ?", id);
  }

  private boolean delete(Sql sql, String condition, Object... values) throws SQLException {
    boolean found = sql.update("DELETE FROM spool_message WHERE " + condition, values) > 0;
    if (found) {
      var unused = deleteParts(sql, (String) values[0]);
    }
    return found;
  }

  /** Deletes a message that was refused although its row may have been committed. */
  void dropLater(String id) {
    unwanted.put(id, now());
  }

  private <T> T change(Sql.Work<T> change) throws SpoolException {
    try {
      return submit(change).get();
    } catch (ExecutionException failed) {
      throw failure(failed);
    } catch (InterruptedException stops) {
      Thread.currentThread().interrupt();
      throw failure(stops);
    }
  }

  private boolean update(String assignments, Object... values) throws SpoolException {
    return change(sql -> sql.update(UPDATE + assignments, values)) > 0;
  }

  private <T> T read(Sql.Work<T> query) throws SpoolException {
    try {
      prepare();
      return database.run(query);
    } catch (SQLException failed) {
      throw failure(failed);
    }
  }

  @Override
  public List<SpooledMessage> claim(int most) throws SpoolException {
    long before = now() - UNKNOWN.toMillis();
    List<SpooledMessage> claimed = change(sql -> claim(sql, most));
    // Those were deleted, and their commits have ended.
    unwanted.values().removeIf(since -> since < before);
    return claimed;
  }

  private List<SpooledMessage> claim(Sql sql, int most) throws SQLException {
    for (String id : unwanted.keySet()) {
      delete(sql, "id = ?", id);
    }
    if (shared) {
      // One instance at a time: two must not claim different messages of one account.
      sql.each("SELECT pg_advisory_xact_lock(hashtext('spool'))", row -> {});
    }
    long now = now(sql);
    List<String> ids =
        sql.list(
            "SELECT min(id) FROM spool_message WHERE held = 0 AND next_attempt <= ? AND key_id = ?"
                + " AND queue NOT IN (SELECT queue FROM spool_message WHERE lease_until > ?)"
                + " GROUP BY queue ORDER BY 1 LIMIT ?",
            row -> row.getString(1),
            now,
            key().id(),
            now,
            most);
    if (ids.isEmpty()) {
      return List.of();
    }
    String rows = "WHERE id " + Sql.in(ids.size()) + " ORDER BY id";
    String query = SELECT + rows + (shared ? " FOR UPDATE SKIP LOCKED" : "");
    List<SpooledMessage> claimed = sql.list(query, JdbcSpoolStore::message, ids.toArray());
    long until = now + LEASE.toMillis();
    String lease = UPDATE + "owner = ?, lease_until = ? WHERE id = ?";
    sql.batch(lease, claimed, message -> List.of(owner, until, message.id()));
    return claimed;
  }

  @Override
  public void renew(Collection<String> ids) throws SpoolException {
    boolean unused =
        change(
            sql -> {
              long until = now(sql) + LEASE.toMillis();
              String renew = UPDATE + "lease_until = ? WHERE id = ? AND owner = ?";
              sql.batch(renew, ids, id -> List.of(until, id, owner));
              return true;
            });
  }

  @Override
  public InputStream content(SpooledMessage message) throws SpoolException {
    String id = message.id();
    byte[] sealed = bytes("SELECT sealed_key FROM spool_message WHERE id = ?", id);
    Envelope envelope = message.envelope();
    try {
      if (!envelope.recipients().containsAll(message.open())) {
        throw new GeneralSecurityException("other recipients");
      }
      MessageKey opened = MessageKey.open(key(), id, envelope, message.size(), sealed);
      return new Content(opened, MessageKey.parts(message.size()));
    } catch (GeneralSecurityException changed) {
      throw damaged(id, "its envelope was changed");
    }
  }

  private byte[] bytes(String query, Object... values) throws SpoolException {
    return read(sql -> sql.find(query, row -> row.getBytes(1), values))
        .orElseThrow(() -> damaged((String) values[0], "data is missing"));
  }

  private static SpoolException damaged(String id, String what) {
    return new SpoolException(
        "message %s is damaged: %s; restore the spool from a backup, or run: tls-uplift spool drop %s"
            .formatted(id, what, id));
  }

  /** Reads one part after the other. */
  private final class Content extends InputStream {
    private final MessageKey key;
    private final int parts;
    private InputStream part = InputStream.nullInputStream();
    private int next;

    Content(MessageKey key, int parts) {
      this.key = key;
      this.parts = parts;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int count = part.read(into, from, length);
      while (count < 0 && next < parts) {
        part = new ByteArrayInputStream(load(next++));
        count = part.read(into, from, length);
      }
      return count;
    }

    private byte[] load(int number) throws SpoolException {
      String query = "SELECT data FROM spool_part WHERE id = ? AND number = ?";
      byte[] sealed = bytes(query, key.id(), number);
      try {
        return key.part(Cipher.DECRYPT_MODE, number, number == parts - 1, sealed);
      } catch (GeneralSecurityException changed) {
        throw damaged(key.id(), "part " + number + " was changed");
      }
    }
  }

  @Override
  public boolean postpone(
      SpooledMessage message, List<String> open, Instant nextAttempt, String lastReply)
      throws SpoolException {
    Object[] values = {
      String.join("\n", open), nextAttempt.toEpochMilli(), lastReply, message.id(), owner
    };
    return update(
        "open_recipients = ?, next_attempt = ?, last_reply = ?, attempts = attempts + 1,"
            + " owner = '', lease_until = 0 WHERE id = ? AND owner = ?",
        values);
  }

  @Override
  public boolean finish(SpooledMessage message, @Nullable Notice notice) throws SpoolException {
    boolean finished = change(sql -> finish(sql, message.id(), notice));
    if (finished) {
      limits.wait(message.envelope(), -1, -message.size());
    }
    return finished;
  }

  private boolean finish(Sql sql, String id, @Nullable Notice notice) throws SQLException {
    boolean mine = delete(sql, "id = ? AND owner = ?", id, owner);
    if (mine && notice != null) {
      MessageKey own = MessageKey.create(now());
      byte[] data = notice.data();
      int parts = MessageKey.parts(data.length);
      for (int i = 0; i < parts; i++) {
        int end = Math.min((i + 1) * MessageKey.PART, data.length);
        byte[] part = Arrays.copyOfRange(data, i * MessageKey.PART, end);
        insertPart(sql, own, i, i == parts - 1, part);
      }
      insert(sql, own, notice.envelope(), data.length, notice.keep());
    }
    return mine;
  }

  @Override
  public List<SpooledMessage> list(int most) throws SpoolException {
    return read(sql -> sql.list(SELECT + "ORDER BY id LIMIT ?", JdbcSpoolStore::message, most));
  }

  @Override
  public Optional<SpooledMessage> find(String id) throws SpoolException {
    return read(sql -> sql.find(SELECT + "WHERE id = ?", JdbcSpoolStore::message, id));
  }

  private static SpooledMessage message(ResultSet row) throws SQLException {
    Envelope envelope =
        new Envelope(
            row.getString(2),
            Objects.requireNonNull(NetUtil.createInetAddressFromIpAddressString(row.getString(3))),
            row.getString(4),
            row.getString(5),
            List.of(row.getString(6).split("\n", -1)),
            row.getInt(8) != 0);
    return new SpooledMessage(
        row.getString(1),
        envelope,
        List.of(row.getString(7).split("\n", -1)),
        row.getLong(9),
        Instant.ofEpochMilli(row.getLong(10)),
        Instant.ofEpochMilli(row.getLong(11)),
        row.getInt(12),
        Instant.ofEpochMilli(row.getLong(13)),
        row.getString(14),
        row.getInt(15) != 0);
  }

  @Override
  public boolean hold(String id, boolean held) throws SpoolException {
    return update("held = ? WHERE id = ?", held ? 1 : 0, id);
  }

  @Override
  public boolean retry(String id) throws SpoolException {
    return update("held = 0, next_attempt = accepted WHERE id = ?", id);
  }

  @Override
  public boolean drop(String id) throws SpoolException {
    return change(sql -> delete(sql, "id = ? AND lease_until <= ?", id, now(sql)));
  }

  @Override
  public Totals totals() throws SpoolException {
    String query = "SELECT count(*), sum(size), sum(held), min(accepted) FROM spool_message";
    return read(sql -> sql.list(query, JdbcSpoolStore::totals)).get(0);
  }

  private static Totals totals(ResultSet row) throws SQLException {
    long messages = row.getLong(1);
    Instant oldest = messages == 0 ? null : Instant.ofEpochMilli(row.getLong(4));
    return new Totals(messages, row.getLong(2), row.getLong(3), oldest);
  }

  /** Commits what waits, and ends the claims of this instance. */
  @Override
  public void close() {
    String release = UPDATE + "owner = '', lease_until = 0 WHERE owner = ?";
    var unused = submit(sql -> sql.update(release, owner));
    writer.close();
    database.close();
  }
}
