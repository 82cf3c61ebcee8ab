package org.tlsuplift.server.inventory.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Schema;
import org.tlsuplift.server.inventory.Acknowledgements;
import org.tlsuplift.server.inventory.Acknowledgements.Kind;
import org.tlsuplift.server.inventory.Acknowledgements.Subject;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceNaming;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.InventorySettings;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.InventoryObserver;
import org.tlsuplift.server.inventory.record.Recorder;
import org.tlsuplift.server.inventory.record.SightingQueue;
import org.tlsuplift.server.inventory.record.WatchRows;
import org.tlsuplift.server.signin.SignInTimes;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;

/**
 * The inventory of a running daemon. It records sessions, counts lost records and answers queries.
 *
 * <p>A failure of the database does not affect sessions. Thread-safe.
 */
public final class DeviceInventory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeviceInventory.class);

  // Counting 100,000 devices takes 50 ms: every 10 s that would be 0.5 % of a processor.
  /** The devices, the messages and the audit log. */
  public static final Schema SCHEMA =
      new Schema(
          "org/tlsuplift/server/inventory",
          "tlsuplift_schema_history",
          List.of(
              "V1__inventory.sql",
              "V2__needs.sql",
              "V3__messages.sql",
              "V4__leaf_keys.sql",
              "V5__device_origins.sql",
              "V6__audit.sql",
              "V7__device_notes.sql",
              "V8__account_sign_in.sql",
              "V9__acknowledgements.sql",
              "V10__audit_subjects.sql",
              "V11__introductions.sql"));

  private static final Duration COUNT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration MAX_COUNT_INTERVAL = Duration.ofMinutes(2);
  private static final Duration NAMING_INTERVAL = Duration.ofSeconds(2);
  private static final Duration SILENCE_INTERVAL = Duration.ofMinutes(5);
  private static final Duration MAX_SILENCE_INTERVAL = Duration.ofHours(1);
  private static final Duration CLEANUP_INTERVAL = Duration.ofHours(1);
  private static final Duration REFUSALS_INTERVAL = Duration.ofSeconds(30);
  private static final Duration KNOWN_INTERVAL = Duration.ofSeconds(5);
  private static final Duration MAX_KNOWN_INTERVAL = Duration.ofSeconds(30);
  private static final Duration AUDIT_INTERVAL = Duration.ofSeconds(1);
  private static final Duration MAX_AUDIT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration SIGN_INS_INTERVAL = Duration.ofSeconds(5);
  private static final Duration MAX_SIGN_INS_INTERVAL = Duration.ofMinutes(1);
  private static final Duration MAX_REFUSALS_INTERVAL = Duration.ofMinutes(10);

  private final InventorySettings settings;
  private final LongAdder dropped = new LongAdder();
  private final Database database;
  private final Store store;
  private final Retention retention;
  private final DeviceNames names;
  private final Recorder recorder;
  private final ProxyObserver observer;
  private final SightingQueue queue;
  private final Messages messages;
  private final JdbcAudit audit;
  private final ReportTimes reports;
  private final JdbcSignIns signIns;
  private final JdbcAcknowledgements acknowledgements;
  private final WatchRows watchRows;
  private final Clock clock;
  private final Schedule schedule;
  private volatile Inventory inventory;
  private volatile List<SilentSender> silent = List.of();
  private volatile Map<Verdict, Long> verdicts = Map.of();
  // Used by the writing thread only.
  private boolean prepared;
  private boolean named;

  private DeviceInventory(
      InventorySettings settings, Clock clock, Database database, Schedule schedule) {
    this.settings = settings;
    this.schedule = schedule;
    this.clock = clock;
    this.database = database;
    store = new Store(database, settings.maxDevices(), settings.messages().max());
    retention = new Retention(database, settings.keep(), settings.messages().keep());
    names = new DeviceNames(settings.naming());
    queue = new SightingQueue(dropped);
    messages = new JdbcMessages(database);
    audit = new JdbcAudit(database);
    reports = new ReportTimes(database);
    signIns = new JdbcSignIns(database);
    acknowledgements = new JdbcAcknowledgements(database);
    observer = new InventoryObserver(queue, clock);
    inventory = new JdbcInventory(database, settings.rules(), settings.waysIn(), clock);
    watchRows = new WatchRows(settings.waysIn().keySet(), dropped, clock);
    recorder =
        new Recorder(
            queue,
            dropped,
            watchRows,
            this::write,
            settings.flushInterval(),
            settings.place().toString());
  }

  /** Opens an inventory whose sightings wait in its bounded queue until {@link #start}. */
  public static DeviceInventory open(InventorySettings settings, Schedule schedule) {
    return new DeviceInventory(
        settings, Clock.systemUTC(), Database.forWriting(settings.place()), schedule);
  }

  /** Starts recording into this database, which is closed with the inventory. */
  static DeviceInventory start(InventorySettings settings, Database database, Schedule schedule) {
    DeviceInventory started = new DeviceInventory(settings, Clock.systemUTC(), database, schedule);
    started.start();
    return started;
  }

  /** Starts recording. Connects to the database later, on the writing thread. */
  public void start() {
    recorder.start(schedule);
    repeat(NAMING_INTERVAL, NAMING_INTERVAL, "naming devices", this::name);
    repeat(COUNT_INTERVAL, MAX_COUNT_INTERVAL, "counting devices", this::count);
    repeat(SILENCE_INTERVAL, MAX_SILENCE_INTERVAL, "finding silent senders", this::silent);
    repeat(KNOWN_INTERVAL, MAX_KNOWN_INTERVAL, "reading acknowledgements", this::readKnown);
    repeat(CLEANUP_INTERVAL, CLEANUP_INTERVAL, "deleting expired devices", this::tidy);
  }

  /**
   * Passes on each device whose latest failed handshake was one with an EC key: at once, and again
   * and again, because other instances write to the same database.
   *
   * @param consumer runs on the writing thread
   */
  public void reportEcRefusals(Consumer<InetAddress> consumer) {
    repeat(
        new AdaptiveInterval(REFUSALS_INTERVAL, MAX_REFUSALS_INTERVAL),
        "reading the devices without EC keys",
        () -> {
          prepare();
          store.ecRefusals().stream().map(DeviceAddress::ofKey).forEach(consumer);
        },
        Duration.ZERO);
  }

  /** Moves the audit records that wait to the writer, and keeps them if it fails. */
  public interface AuditSource {
    void moveTo(AuditJournal.Receiver<SQLException> writer) throws SQLException, IOException;
  }

  /** Keeps the audit records of a source, from now on. */
  public void keepAudit(AuditSource source) {
    repeat(
        new AdaptiveInterval(AUDIT_INTERVAL, MAX_AUDIT_INTERVAL),
        "writing the audit log",
        () -> {
          try {
            source.moveTo(
                records -> {
                  prepare();
                  audit.add(records);
                });
          } catch (IOException failed) {
            throw new SQLException(String.valueOf(failed.getMessage()), failed);
          }
        },
        Duration.ZERO);
  }

  public ReportTimes reports() {
    return reports;
  }

  public AuditLog audit() {
    return audit;
  }

  /** Keeps the latest sign-ins of accounts, from now on. */
  public void keepSignIns(SignInTimes times) {
    repeat(
        SIGN_INS_INTERVAL,
        MAX_SIGN_INS_INTERVAL,
        "writing sign-ins",
        () -> {
          prepare();
          times.<SQLException>writeTo(signIns::write);
        });
  }

  /** The latest sign-ins in the database, by account. */
  public Map<String, SignedIn> signIns() throws SQLException {
    return signIns.read();
  }

  public Acknowledgements acknowledgements() {
    return acknowledgements;
  }

  /** How many silent senders operators know about. */
  public long acknowledgedSenders() {
    return silent.stream()
        .map(each -> new Subject(Kind.SILENT_SENDER, each.address(), each.latest()))
        .filter(each -> acknowledgements.find(each).isPresent())
        .count();
  }

  private interface Task {
    void run() throws SQLException;
  }

  private void repeat(Duration least, Duration most, String what, Task task) {
    repeat(new AdaptiveInterval(least, most), what, task, settings.flushInterval());
  }

  private void repeat(AdaptiveInterval interval, String what, Task task, Duration wait) {
    var unused =
        schedule.after(
            wait,
            recorder.writingThread(),
            () -> {
              long began = System.nanoTime();
              Duration pause =
                  attempt(what, task)
                      ? interval.afterSuccess(Duration.ofNanos(System.nanoTime() - began))
                      : interval.afterFailure();
              repeat(interval, what, task, pause);
            });
  }

  private static boolean attempt(String what, Task task) {
    try {
      task.run();
      return true;
    } catch (SQLException | RuntimeException failed) {
      // The recorder logs that the database is unreachable.
      log.debug("inventory: {} failed", what, failed);
      return false;
    }
  }

  private int write(Batch batch) throws SQLException {
    try {
      prepare();
      int left = store.write(batch);
      if (database.isReplaced()) {
        // The batch went to the deleted file. The recorder writes it again, as after any failure.
        throw new SQLException(settings.place() + " was replaced while it was written");
      }
      batch.delta().addresses().forEach(names::seen);
      return left;
    } catch (SQLException failed) {
      throw database.explain(failed);
    }
  }

  /** Creates the tables if needed, and again after the file was deleted or replaced. */
  private void prepare() throws SQLException {
    if (database.isReplaced()) {
      log.warn(
          "inventory: {} was deleted or replaced; the daemon uses the new file, or creates one",
          settings.place());
      prepared = false;
      named = false;
      names.forget();
      database.reopen();
    }
    if (!prepared) {
      database.createFile();
      database.migrate(SCHEMA);
      prepared = true;
    }
  }

  private void name() throws SQLException {
    if (!prepared) {
      return;
    }
    prepare();
    if (!named) {
      store.name(names.given());
      named = true;
    }
    Map<String, String> answers = names.answers();
    if (!answers.isEmpty()) {
      store.name(answers);
    }
  }

  private void count() throws SQLException {
    if (!prepared) {
      // Connecting would create a file that other users can read.
      return;
    }
    verdicts = inventory.verdicts(DeviceFilter.ALL);
  }

  private void silent() throws SQLException {
    if (prepared) {
      silent = List.copyOf(messages.silentSenders(clock.instant()));
    }
  }

  private void readKnown() throws SQLException {
    if (prepared) {
      acknowledgements.read();
    }
  }

  private void tidy() throws SQLException {
    int gone = retention.deleteExpired(clock.instant());
    if (gone > 0) {
      log.info(
          "inventory: deleted {} devices that were not seen for {} days",
          gone,
          settings.keep().toDays());
    }
  }

  /**
   * Sets what another configuration has for the same database. {@link #inventory} is another object
   * then.
   *
   * @param waysIn the {@code accept} value of each listener, by name
   */
  public void replace(Map<String, String> waysIn, DeviceNaming naming, VerdictRules rules) {
    inventory = new JdbcInventory(database, rules, waysIn, clock);
    watchRows.watch(waysIn.keySet());
    names.replace(naming);
    var unused = schedule.after(Duration.ZERO, recorder.writingThread(), () -> named = false);
  }

  /** The observer that records sessions. */
  public ProxyObserver observer() {
    return observer;
  }

  public Inventory inventory() {
    return inventory;
  }

  /** Records a message. Never blocks. */
  public void messageEnded(MessageRecord message) {
    queue.offer(message);
  }

  public Messages messages() {
    return messages;
  }

  /** The devices that sent regularly and have stopped, as found up to an hour ago. */
  public List<SilentSender> silentSenders() {
    return silent;
  }

  /** The number of dropped sightings and devices since the start. */
  public long dropped() {
    return dropped.sum();
  }

  /** Whether the latest write to the database failed. */
  public boolean isUnreachable() {
    return recorder.isUnreachable();
  }

  /** The number of devices with a verdict, as counted up to two minutes ago. */
  public long devices(Verdict verdict) {
    return verdicts.getOrDefault(verdict, 0L);
  }

  /** Writes the remaining rows; waits for two seconds at most. */
  @Override
  public void close() {
    recorder.close();
    names.close();
    database.close();
  }
}
