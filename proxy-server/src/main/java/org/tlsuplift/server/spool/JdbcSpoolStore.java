package org.tlsuplift.server.spool;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.util.NetUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.Schema;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.SqliteDisk;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.process.FullDisk;
import org.tlsuplift.server.seal.SealKey;

/**
 * The messages that wait, in a SQLite file of one daemon or in a PostgreSQL database that several
 * share. It connects on first use, and again after an outage.
 */
public final class JdbcSpoolStore implements SpoolStore {
  /** The messages that wait. */
  public static final Schema SCHEMA =
      new Schema(
          "org/tlsuplift/server/spool",
          "tlsuplift_spool_history",
          List.of("V1__spool.sql", "V2__seals.sql"));

  private static final Logger log = LoggerFactory.getLogger(JdbcSpoolStore.class);

  /** One connection of the pool stays free for readers. */
  private static final int POSTGRESQL_WRITERS = 3;

  /** Of the room on the disk, the log of SQLite needs some, however much of the file is free. */
  private static final long LOG_ROOM = 8 << 20;

  private static final Duration COUNT_INTERVAL = Duration.ofSeconds(3);
  private static final Duration WARN_INTERVAL = Duration.ofMinutes(1);

  /** Longer than the data of one message takes to arrive. */
  private static final Duration PARTS_KEPT = Duration.ofDays(1);

  /** Longer than an attempt is postponed, and than the clocks of instances differ. */
  private static final Duration AHEAD = Duration.ofHours(4);

  private static final String ID_TIME = "%014x";

  /** Messages of earlier versions have shorter ids, and no seal. */
  private static final int SEALED_ID = 32;

  private static final int REMEMBERED = 20_000;

  /** Longer than a broken connection to PostgreSQL can take to commit. */
  private static final Duration UNKNOWN = Duration.ofMinutes(1);

  private static final String SELECT = "SELECT * FROM spool_message ";
  private static final String COUNT_PARTS = "SELECT count(*) FROM spool_part WHERE id = ?";
  private static final String UPDATE = "UPDATE spool_message SET ";

  final SpoolLimits limits = new SpoolLimits();
  final GroupCommit writer;
  private final DatabasePlace place;
  private final boolean shared;
  private final boolean command;
  final Clock clock;
  private final Database database;
  private final String owner = UUID.randomUUID().toString();
  final LongAdder refused = new LongAdder();
  private final AtomicLong counted = new AtomicLong();
  private final AtomicLong warned = new AtomicLong();
  private final AtomicLong shrunk = new AtomicLong();
  private final AtomicLong corrected = new AtomicLong();
  private final AtomicLong lastId = new AtomicLong();

  /** Messages that were refused although their rows may have been committed, and since when. */
  final Map<String, Long> unwanted = new ConcurrentHashMap<>();

  /** The latest messages that have left, because a copy of their rows could be put back. */
  private final Cache<String, Boolean> left = Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** The free bytes of the disk. */
  LongSupplier usable = () -> Long.MAX_VALUE;

  /** The write-ahead log of the file. */
  private Path wal = Path.of("");

  /** Why messages are refused whatever happens, or empty. */
  private final String unsuitable;

  private volatile String closed;
  private volatile long messages;
  private boolean prepared;
  private volatile @Nullable SealKey key;

  private JdbcSpoolStore(DatabasePlace place, @Nullable SealKey key, boolean command, Clock clock) {
    this.place = place;
    this.key = key;
    this.command = command;
    this.clock = clock;
    shared = place instanceof DatabasePlace.PostgreSql;
    database = Database.forWriting(place, Database.Durability.POWER_CUT);
    String refusal = "";
    if (place instanceof DatabasePlace.Embedded one) {
      Path folder = one.file().toAbsolutePath().resolveSibling("");
      wal = folder.resolve(one.file().getFileName() + "-wal");
      usable = () -> folder.toFile().getUsableSpace();
      refusal = SqliteDisk.refusal(folder);
    }
    unsuitable = refusal;
    closed = refusal;
    writer = new GroupCommit(this::commit, shared ? POSTGRESQL_WRITERS : 1);
  }

  /**
   * Opens the spool of a daemon.
   *
   * @param key of {@code database.keyFile}; null for SQLite, which has {@code spool.key} beside it
   */
  public static JdbcSpoolStore open(DatabasePlace place, @Nullable SealKey key, Clock clock) {
    return new JdbcSpoolStore(place, key, false, clock);
  }

  /** Opens a spool for a command, which neither keeps nor claims nor reads messages. */
  public static JdbcSpoolStore forCommand(DatabasePlace place, Clock clock) {
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
    if (command && place instanceof DatabasePlace.Embedded one && !Files.exists(one.file())) {
      throw new SQLException("the file does not exist; no message waits");
    }
    database.createFile();
    if (!command) {
      database.migrate(SCHEMA);
      database.change(this::begin);
    }
    prepared = true;
  }

  private void begin(Sql sql) throws SQLException {
    if (place instanceof DatabasePlace.Embedded one) {
      key = ownKey(sql, one.file().resolveSibling("spool.key"));
      // Claims end by themselves, because the process before may live during a hand-over. These
      // are from a clock that was ahead.
      long latest = clock.millis() + 2 * LEASE.toMillis();
      sql.update(UPDATE + "owner = '', lease_until = 0 WHERE lease_until > ?", latest);
    } else if (sql.number("SELECT 1 WHERE current_setting('synchronous_commit') = 'off'") > 0) {
      throw new SQLException("synchronous_commit is off; set it to on, or messages can be lost");
    }
    String id = key().id();
    if (sql.number("SELECT count(*) FROM spool_message WHERE key_id <> ?", id) > 0) {
      throw new SQLException("messages need another key than " + id + "; restore it from a backup");
    }
    count(sql);
  }

  private static SealKey ownKey(Sql sql, Path file) throws SQLException {
    try {
      if (!Files.exists(file) && sql.number("SELECT count(*) FROM spool_message") == 0) {
        SealKey.create(file);
      }
      return SealKey.readCreated(file).orElseThrow(() -> new IOException(file + " is damaged"));
    } catch (IOException failed) {
      throw new SQLException(
          "the key of its messages cannot be read (%s); restore it from a backup, or delete spool.db and the messages that wait"
              .formatted(failed));
    }
  }

  private SealKey key() {
    return Objects.requireNonNull(key, "a command cannot read messages");
  }

  /** Counts what waits, and deletes parts that never became a message. */
  private int count(Sql sql) throws SQLException {
    limits.read(sql);
    sql.update("DELETE FROM spool_seal WHERE id NOT IN (SELECT id FROM spool_message)");
    return sql.update(
        "DELETE FROM spool_part WHERE id < ? AND id NOT IN (SELECT id FROM spool_message)",
        ID_TIME.formatted((clock.millis() - PARTS_KEPT.toMillis()) * 1_000));
  }

  /** Counts in the background what waits, unless that was done a few seconds ago. */
  void countAgain() {
    if (isFirst(counted, COUNT_INTERVAL)) {
      var unused = writer.submit(this::count);
    }
  }

  /** Whether the last time is at least an interval ago; it is now then. */
  private boolean isFirst(AtomicLong time, Duration interval) {
    long last = time.get();
    return Math.abs(clock.millis() - last) > interval.toMillis()
        && time.compareAndSet(last, clock.millis());
  }

  @Override
  public MessageSpool intake(boolean always, Duration keep, long maximumSize, String host) {
    return new SpoolIntake(this, always, keep, maximumSize, host);
  }

  /** An id that begins with the time, in microseconds; each is later than the one before. */
  String newId() {
    long time = lastId.updateAndGet(last -> Math.max(last + 1, clock.millis() * 1_000));
    return ID_TIME.formatted(time) + HexFormat.of().formatHex(SealKey.random(Long.BYTES + 1));
  }

  /** The time that all instances have. */
  private long now(Sql sql) throws SQLException {
    String time = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    return shared ? sql.number(time) : clock.millis();
  }

  /** The reply to a device whose message cannot be kept. */
  String refusal(Throwable failed) {
    if (isFirst(warned, WARN_INTERVAL)) {
      log.warn("{}; messages are refused until it works", failure(failed).getMessage());
    }
    if (!unsuitable.isEmpty()) {
      return "452 4.3.1 TLS Uplift keeps no mail on its disk; try again later";
    }
    return FullDisk.isCauseOf(failed)
        ? "452 4.3.1 The disk of TLS Uplift is full; try again later"
        : "451 4.3.0 TLS Uplift cannot keep the message now; try again later";
  }

  private SpoolException failure(Throwable failed) {
    return new SpoolException("the spool " + place + ": " + Database.reason(failed), failed);
  }

  @Override
  public String closed() throws SpoolException {
    return read(this::findClosed);
  }

  /** The result of the latest {@link #closed}. */
  String knownClosed() {
    return closed;
  }

  private String findClosed(Sql sql) throws SQLException {
    long free = unsuitable.isEmpty() ? usable.getAsLong() : FullDisk.ROOM;
    // Messages that left have made room in the file, and commits in its log.
    boolean full =
        free < FullDisk.ROOM
            && (free + wal.toFile().length() < LOG_ROOM
                || free + bytes(sql, "freelist_count") < FullDisk.ROOM);
    closed = full ? "no space left on the disk of dataDirectory: less than 32 MiB" : unsuitable;
    return closed;
  }

  /** Throws an exception if the spool refuses new messages. */
  void requireOpen(Sql sql) throws SQLException {
    String why = findClosed(sql);
    if (!why.isEmpty()) {
      throw new SQLException(why);
    }
  }

  private long bytes(Sql sql, String pages) throws SQLException {
    return shared ? 0 : sql.number("PRAGMA " + pages) * sql.number("PRAGMA page_size");
  }

  /** Gives the disk the space back when nearly all messages have left. */
  private void shrink() {
    try {
      boolean unused =
          read(
              sql -> {
                long free = bytes(sql, "freelist_count");
                boolean large =
                    free > FullDisk.ROOM && bytes(sql, "page_count") - free < FullDisk.ROOM;
                if (large) {
                  // Its copy of the rows is small, and needs no other disk.
                  sql.update("PRAGMA temp_store = MEMORY");
                  sql.update("VACUUM");
                  sql.each("PRAGMA wal_checkpoint(TRUNCATE)", row -> {});
                }
                return large;
              });
    } catch (SpoolException busy) {
      log.debug("the spool keeps its size", busy);
    }
  }

  int insertPart(Sql sql, MessagePart part, byte[] data) throws SQLException {
    String insert = "INSERT INTO spool_part VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    try {
      byte[] sealed = part.apply(Cipher.ENCRYPT_MODE, key(), data);
      return sql.update(insert, part.id(), part.number(), sealed);
    } catch (GeneralSecurityException impossible) {
      throw new SQLException(impossible);
    }
  }

  /** The last step: a message whose row is committed is kept. */
  void insert(Sql sql, String id, MessageEnvelope of, int parts, long size, Duration keep)
      throws SQLException {
    if (sql.number(COUNT_PARTS, id) != parts) {
      throw new SQLException("parts of a message are missing");
    }
    String account = of.account();
    String queue = OutgoingMessage.queue(of);
    String device = DeviceAddress.of(of.device()).text();
    String open = String.join("\n", of.recipients());
    long now = clock.millis();
    long end = now + keep.toMillis();
    String values = "(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', 0, '', 0, ?) ON CONFLICT DO NOTHING";
    Object[] row = {id, queue, device, account, text(of), open, size, now, end, now, key().id()};
    sql.update("INSERT INTO spool_message VALUES " + values, row);
    String seal = "INSERT INTO spool_seal VALUES (?, ?) ON CONFLICT DO NOTHING";
    sql.update(seal, id, seal(id, of, of.recipients()));
  }

  /** One line for each field, of which none has two. */
  static String text(MessageEnvelope of) {
    String device = DeviceAddress.of(of.device()).text();
    Object[] first = {of.listener(), device, of.account(), of.sender(), of.utf8()};
    return Stream.concat(Stream.of(first), of.recipients().stream())
        .map(field -> field.toString().replace('\n', ' '))
        .collect(Collectors.joining("\n"));
  }

  private byte[] seal(String id, MessageEnvelope of, List<String> open) {
    String left = String.join("\n", open);
    return key()
        .derived("tls-uplift seal %s %d %s\n%s".formatted(id, left.length(), left, text(of)));
  }

  private static MessageEnvelope envelope(String text) {
    // A damaged one must not stop the others.
    String[] field = (text.lines().count() > 5 ? text : text + "\n\n\n\n\n").split("\n", -1);
    InetAddress found = NetUtil.createInetAddressFromIpAddressString(field[1]);
    InetAddress device = Objects.requireNonNullElse(found, InetAddress.getLoopbackAddress());
    List<String> recipients = List.of(field).subList(5, field.length);
    return new MessageEnvelope(
        field[0], device, field[2], field[3], recipients, field[4].equals("true"));
  }

  int deleteParts(Sql sql, String id) throws SQLException {
    return sql.update("DELETE FROM spool_part WHERE id = ?", id);
  }

  private boolean delete(Sql sql, String condition, Object... values) throws SQLException {
    boolean found = sql.update("DELETE FROM spool_message WHERE " + condition, values) > 0;
    if (found) {
      var unused = deleteParts(sql, (String) values[0]);
      if (!command) {
        sql.update("DELETE FROM spool_seal WHERE id = ?", values[0]);
      }
    }
    return found;
  }

  private <T> T change(Sql.Work<T> change) throws SpoolException {
    try {
      return writer.submit(change).join();
    } catch (CompletionException failed) {
      throw failure(failed);
    }
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
  public List<OutgoingMessage> claim(int most, Set<String> paused) throws SpoolException {
    long before = clock.millis() - UNKNOWN.toMillis();
    List<OutgoingMessage> claimed = change(sql -> claim(sql, most, paused));
    // Those were deleted, and their commits have ended.
    unwanted.values().removeIf(since -> since < before);
    if (claimed.isEmpty() && isFirst(shrunk, WARN_INTERVAL)) {
      shrink();
    }
    return claimed;
  }

  private List<OutgoingMessage> claim(Sql sql, int most, Set<String> paused) throws SQLException {
    for (String id : unwanted.keySet()) {
      delete(sql, "id = ?", id);
    }
    if (shared) {
      // One instance at a time: two must not claim different messages of one account.
      sql.each("SELECT pg_advisory_xact_lock(hashtext('spool'))", row -> {});
    }
    long now = now(sql);
    if (isFirst(corrected, WARN_INTERVAL)) {
      correct(sql, now);
    }
    String oldest =
        "WHERE id IN (SELECT min(id) FROM spool_message WHERE held = 0 AND next_attempt <= ?"
            + " AND key_id = ? AND queue NOT IN (SELECT queue FROM spool_message"
            + " WHERE lease_until > ?) AND (expires <= ? OR queue NOT IN (''"
            + ", ?".repeat(paused.size())
            + ")) GROUP BY queue) ORDER BY id LIMIT ?";
    String query = SELECT + oldest + (shared ? " FOR UPDATE SKIP LOCKED" : "");
    List<Object> values = new ArrayList<>(List.of(now, key().id(), now, now));
    values.addAll(paused);
    values.add(most);
    List<OutgoingMessage> claimed = sql.list(query, JdbcSpoolStore::message, values.toArray());
    long until = now + LEASE.toMillis();
    String lease = UPDATE + "owner = ?, lease_until = ? WHERE id = ?";
    sql.batch(lease, claimed, message -> List.of(owner, until, message.id()));
    return claimed;
  }

  /** Corrects times that come from a clock that was ahead; the messages would wait until then. */
  private static void correct(Sql sql, long now) throws SQLException {
    long ahead = now + AHEAD.toMillis();
    int all =
        sql.update(UPDATE + "next_attempt = ? WHERE next_attempt > ?", now, ahead)
            + sql.update(UPDATE + "lease_until = 0 WHERE lease_until > ?", ahead);
    String accepted = "expires = expires - accepted + ?, accepted = ? WHERE accepted > ?";
    if (all + sql.update(UPDATE + accepted, now, now, ahead) > 0) {
      log.warn("spool: the clock was ahead; messages that waited for a later time are due now");
    }
  }

  @Override
  public Set<String> renew(Collection<String> ids) throws SpoolException {
    String renew = UPDATE + "lease_until = ? WHERE id = ? AND owner = ? AND held = 0";
    Set<String> renewed = new HashSet<>();
    for (String id : ids) {
      if (change(sql -> sql.update(renew, now(sql) + LEASE.toMillis(), id, owner)) > 0) {
        renewed.add(id);
      }
    }
    return renewed;
  }

  @Override
  public InputStream content(OutgoingMessage message) throws SpoolException {
    long parts = read(sql -> sql.number(COUNT_PARTS, message.id()));
    String query = "SELECT seal FROM spool_seal WHERE id = ?";
    byte[] right = seal(message.id(), message.envelope(), message.open());
    boolean sealed =
        read(sql -> sql.find(query, row -> row.getBytes(1), message.id()))
            .filter(found -> MessageDigest.isEqual(found, right))
            .isPresent();
    if (left.getIfPresent(message.id()) != null) {
      throw damaged(message, "it has left before, and was put back", List.of());
    } else if (message.id().length() == SEALED_ID
        ? !sealed
        : !message.envelope().recipients().containsAll(message.open())) {
      String what = "its open recipients were changed, or it has left before and was put back";
      throw damaged(message, what, undelivered(message, parts, false));
    }
    return new InputStream() {
      private InputStream part = InputStream.nullInputStream();
      private int next;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        int count = part.read(into, from, length);
        while (count < 0 && (next < parts || next == 0)) {
          byte[] data = load(message, next++, parts);
          if (data == null) {
            String what = "its part " + (next - 1) + ", size or envelope was changed";
            throw damaged(message, what, undelivered(message, parts, sealed));
          }
          part = new ByteArrayInputStream(data);
          count = part.read(into, from, length);
        }
        return count;
      }
    };
  }

  /** Returns null if the part is damaged. */
  private byte @Nullable [] load(OutgoingMessage message, int number, long parts)
      throws SpoolException {
    String query = "SELECT data FROM spool_part WHERE id = ? AND number = ?";
    Optional<byte[]> sealed =
        read(sql -> sql.find(query, row -> row.getBytes(1), message.id(), number));
    long size = number < parts - 1 ? MessagePart.MORE : message.size();
    MessagePart part = new MessagePart(message.id(), text(message.envelope()), number, size);
    try {
      return part.apply(Cipher.DECRYPT_MODE, key(), sealed.orElse(new byte[0]));
    } catch (GeneralSecurityException | ProviderException changed) {
      return null;
    }
  }

  /** The recipients of a damaged message, as far as its envelope is proven to be genuine. */
  private List<String> undelivered(OutgoingMessage message, long parts, boolean sealed)
      throws SpoolException {
    if (sealed) {
      return message.open();
    }
    return load(message, 0, parts) == null ? List.of() : message.envelope().recipients();
  }

  private static SpoolException damaged(
      OutgoingMessage message, String what, List<String> undelivered) {
    return new SpoolException(
        "message %s is damaged: %s; restore the spool from a backup, or run: tls-uplift spool drop %s"
            .formatted(message.id(), what, ShortText.argument(message.id(), "ID")),
        undelivered);
  }

  @Override
  public boolean postpone(
      OutgoingMessage message, List<String> open, Instant nextAttempt, String lastReply)
      throws SpoolException {
    String assignments =
        "open_recipients = ?, next_attempt = ?, last_reply = ?, attempts = attempts + 1,"
            + " owner = '', lease_until = 0 WHERE id = ? AND owner = ?";
    String id = message.id();
    Object[] row = {String.join("\n", open), nextAttempt.toEpochMilli(), lastReply, id, owner};
    byte[] seal = seal(id, message.envelope(), open);
    return change(
        sql ->
            sql.update(UPDATE + assignments, row) > 0
                && sql.update("UPDATE spool_seal SET seal = ? WHERE id = ?", seal, id) >= 0);
  }

  @Override
  public boolean finish(OutgoingMessage message, @Nullable Notice notice) throws SpoolException {
    boolean finished = change(sql -> finish(sql, message.id(), notice));
    if (finished) {
      left.put(message.id(), true);
      limits.wait(message.envelope(), -1, -message.size());
    }
    return finished;
  }

  private boolean finish(Sql sql, String id, @Nullable Notice notice) throws SQLException {
    boolean mine = delete(sql, "id = ? AND owner = ?", id, owner);
    if (mine && notice != null) {
      String own = newId();
      byte[] data = notice.data();
      insertPart(sql, new MessagePart(own, text(notice.envelope()), 0, data.length), data);
      insert(sql, own, notice.envelope(), 1, data.length, notice.keep());
    }
    return mine;
  }

  @Override
  public List<OutgoingMessage> list(int most) throws SpoolException {
    return read(sql -> sql.list(SELECT + "ORDER BY id LIMIT ?", JdbcSpoolStore::message, most));
  }

  @Override
  public Optional<OutgoingMessage> find(String id) throws SpoolException {
    return read(sql -> sql.find(SELECT + "WHERE id = ?", JdbcSpoolStore::message, id));
  }

  private static OutgoingMessage message(ResultSet row) throws SQLException {
    return new OutgoingMessage(
        row.getString("id"),
        envelope(row.getString("envelope")),
        List.of(row.getString("open_recipients").split("\n", -1)),
        row.getLong("size"),
        Instant.ofEpochMilli(row.getLong("accepted")),
        Instant.ofEpochMilli(row.getLong("expires")),
        row.getInt("attempts"),
        Instant.ofEpochMilli(row.getLong("next_attempt")),
        row.getString("last_reply"),
        row.getInt("held") != 0);
  }

  @Override
  public Optional<Boolean> change(String id, SpoolChange change) throws SpoolException {
    boolean holds = change == SpoolChange.HOLD || change == SpoolChange.DROP;
    String query = "SELECT lease_until FROM spool_message WHERE id = ?";
    return change(
        sql -> {
          long now = now(sql);
          // This locks the row, so that no instance claims it meanwhile.
          sql.update(UPDATE + "held = ? WHERE id = ?", holds ? 1 : 0, id);
          Optional<Boolean> claimed = sql.find(query, row -> row.getLong(1) > now, id);
          if (change == SpoolChange.RETRY) {
            sql.update(UPDATE + "next_attempt = ? WHERE id = ?", now, id);
          } else if (change == SpoolChange.DROP) {
            delete(sql, "id = ?", id);
          }
          return claimed;
        });
  }

  @Override
  public int retryAll() throws SpoolException {
    return change(sql -> sql.update(UPDATE + "next_attempt = 0 WHERE held = 0"));
  }

  @Override
  public long refused() {
    return refused.sum();
  }

  @Override
  public long counted() {
    return messages;
  }

  @Override
  public Totals totals() throws SpoolException {
    String query = "SELECT count(*), sum(size), sum(held), min(accepted) FROM spool_message";
    try {
      prepare();
    } catch (SQLException failed) {
      // What waits can be counted without its key, and is not nothing.
      log.debug("the spool {} cannot be used", place, failed);
    }
    try {
      Totals all = database.run(sql -> sql.list(query, JdbcSpoolStore::totals)).get(0);
      messages = all.messages();
      return all;
    } catch (SQLException failed) {
      throw failure(failed);
    }
  }

  private static Totals totals(ResultSet row) throws SQLException {
    long messages = row.getLong(1);
    Instant oldest = messages == 0 ? null : Instant.ofEpochMilli(row.getLong(4));
    return new Totals(messages, row.getLong(2), row.getLong(3), oldest);
  }

  /** Commits what waits, and ends the claims of this instance. Makes no file if it has none. */
  @Override
  public void close() {
    if (writer.isUsed()) {
      String release = UPDATE + "owner = '', lease_until = 0 WHERE owner = ?";
      CompletableFuture<Integer> released = writer.submit(sql -> sql.update(release, owner));
      released.completeOnTimeout(0, 5, TimeUnit.SECONDS).exceptionally(away -> 0).join();
    }
    database.close();
  }
}
