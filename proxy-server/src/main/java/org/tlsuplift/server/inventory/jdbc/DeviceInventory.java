package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.InventorySettings;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.record.Batch;
import org.tlsuplift.server.inventory.record.InventoryObserver;
import org.tlsuplift.server.inventory.record.Recorder;
import org.tlsuplift.server.inventory.record.SightingQueue;
import org.tlsuplift.server.inventory.record.WatchNotes;

/**
 * The inventory of a running daemon: what feeds it, what it dropped, and how it is read.
 *
 * <p>Whatever becomes of its database, sessions do not notice. Thread-safe.
 */
public final class DeviceInventory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeviceInventory.class);
  // To count 100,000 devices takes 50 ms: every 10 s that would be 0.5 % of a processor for ever.
  private static final Pace COUNT = new Pace(Duration.ofSeconds(10), Duration.ofMinutes(2));
  private static final Duration NAME_EVERY = Duration.ofSeconds(2);
  private static final Duration TIDY_EVERY = Duration.ofHours(1);

  private final InventorySettings settings;
  private final LongAdder dropped = new LongAdder();
  private final Database database;
  private final Store store;
  private final Housekeeping housekeeping;
  private final DeviceNames names;
  private final Recorder recorder;
  private final ProxyObserver observer;
  private final Inventory inventory;
  private volatile Map<Verdict, Long> verdicts = Map.of();
  // Of the writing thread.
  private boolean prepared;
  private boolean named;

  private DeviceInventory(InventorySettings settings, Clock clock) {
    this.settings = settings;
    database = Database.forWriting(settings.place());
    store = new Store(database, settings.maxDevices());
    housekeeping = new Housekeeping(database, settings.keep());
    names = new DeviceNames(settings.naming());
    SightingQueue queue = new SightingQueue(dropped);
    observer = new InventoryObserver(queue, clock);
    inventory = new JdbcInventory(database, settings.rules(), settings.waysIn(), clock);
    recorder =
        new Recorder(
            queue,
            dropped,
            new WatchNotes(settings.waysIn().keySet(), dropped, clock),
            this::write,
            settings.flushInterval(),
            settings.place().toString());
  }

  /** Begins to record; connects to the database by and by. */
  public static DeviceInventory start(InventorySettings settings) {
    Clock clock = Clock.systemUTC();
    DeviceInventory started = new DeviceInventory(settings, clock);
    started.recorder.start();
    started.repeat(Pace.every(NAME_EVERY), "naming devices", started::name);
    started.repeat(COUNT, "counting devices", started::count);
    started.repeat(Pace.every(TIDY_EVERY), "tidying up", () -> started.tidy(clock));
    return started;
  }

  private interface Chore {
    void run() throws SQLException;
  }

  private void repeat(Pace pace, String what, Chore chore) {
    repeat(new Repeated(pace), what, chore, settings.flushInterval());
  }

  private void repeat(Repeated times, String what, Chore chore, Duration wait) {
    var unused =
        recorder
            .writingThread()
            .schedule(
                () -> {
                  long began = System.nanoTime();
                  Duration pause =
                      attempt(what, chore)
                          ? times.done(Duration.ofNanos(System.nanoTime() - began))
                          : times.failed();
                  if (!recorder.writingThread().isShutdown()) {
                    repeat(times, what, chore, pause);
                  }
                },
                wait.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private static boolean attempt(String what, Chore chore) {
    try {
      chore.run();
      return true;
    } catch (SQLException | RuntimeException failed) {
      // Whoever writes says that the database is away.
      log.debug("inventory: {} failed", what, failed);
      return false;
    }
  }

  private int write(Batch batch) throws SQLException {
    try {
      prepare();
      int left = store.write(batch);
      if (database.isReplaced()) {
        // The batch is in a file that nobody reads: it is written again, as after any failure.
        throw new SQLException(settings.place() + " was replaced while it was written");
      }
      batch.delta().addresses().forEach(names::seen);
      return left;
    } catch (SQLException failed) {
      throw database.explain(failed);
    }
  }

  /** Makes the tables when that has not been done, and again in a file that took the place. */
  private void prepare() throws SQLException {
    if (prepared && database.isReplaced()) {
      log.warn(
          "inventory: {} was deleted or replaced; the daemon uses the file that is there now, or"
              + " makes a new one",
          settings.place());
      prepared = false;
      named = false;
      names.forget();
      database.reopen();
    }
    if (!prepared) {
      database.createFile();
      database.migrate();
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
      // To connect would make a file that others may read.
      return;
    }
    verdicts = inventory.verdicts(DeviceFilter.ALL);
  }

  private void tidy(Clock clock) throws SQLException {
    int gone = housekeeping.tidy(clock.instant());
    if (gone > 0) {
      log.info(
          "inventory: {} devices not seen for {} days are forgotten",
          gone,
          settings.keep().toDays());
    }
  }

  /** Watches the sessions; to be handed to the proxy. */
  public ProxyObserver observer() {
    return observer;
  }

  public Inventory inventory() {
    return inventory;
  }

  /** How many sightings and devices found no room since the start. */
  public long dropped() {
    return dropped.sum();
  }

  /** Whether the database could not be written to when that was tried last. */
  public boolean isAway() {
    return recorder.isAway();
  }

  /** How many devices had a verdict when they were last counted, up to two minutes ago. */
  public long devices(Verdict verdict) {
    return verdicts.getOrDefault(verdict, 0L);
  }

  /** Writes what is left, for two seconds at most. */
  @Override
  public void close() {
    recorder.close();
    names.close();
    database.close();
  }
}
