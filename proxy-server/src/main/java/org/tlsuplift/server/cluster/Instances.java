package org.tlsuplift.server.cluster;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.database.Schema;

/**
 * This instance among those that share its database. It reports each second that it lives, and asks
 * for sessions and messages of mailboxes on threads of its own.
 *
 * <p>The database is unreachable from the first request that fails until a report succeeds.
 * Thread-safe; only {@link #close} blocks.
 */
public final class Instances implements AutoCloseable {
  /** The instances that share a database. */
  public static final Schema SCHEMA =
      new Schema(
          "org/tlsuplift/server/cluster",
          "tlsuplift_instances_history",
          List.of("V1__instances.sql"));

  private static final Logger log = LoggerFactory.getLogger(Instances.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
  private static final int CLEAN_EACH = 60;
  private static final int THREADS = 3;

  private final Database database;
  private final InstanceStore store;
  private final Supplier<InstanceReport> self;
  private final Schedule schedule;
  private final Map<UUID, String> held = new ConcurrentHashMap<>();
  private final Map<UUID, String> requested = new ConcurrentHashMap<>();
  private final EndedSessions ended;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService requests = Threads.upTo(THREADS, "uplift-limits");
  private final UncountedMessages uncounted = new UncountedMessages();
  private final ShareRule rule;
  private volatile List<Instance> known = List.of();
  private Schedule.@Nullable Task reports;
  private volatile boolean closing;
  private boolean migrated;
  private boolean warned;
  private int rounds;

  private Instances(
      Database database,
      Supplier<InstanceReport> self,
      LongSupplier nanoTime,
      int maxEnded,
      Schedule schedule) {
    this.database = database;
    this.schedule = schedule;
    this.ended = new EndedSessions(maxEnded);
    this.store = new InstanceStore(database);
    this.self = self;
    this.rule = new ShareRule(nanoTime);
  }

  /**
   * Opens the database, which may be away, and reports nothing yet.
   *
   * @param self called each second, fast and without blocking
   */
  public static Instances open(
      DatabasePlace.PostgreSql place, Supplier<InstanceReport> self, Schedule schedule) {
    return open(place, self, System::nanoTime, EndedSessions.MAX, schedule);
  }

  /**
   * Opens the database with a clock of the caller.
   *
   * @param nanoTime the clock by which this instance keeps to its share
   * @param maxEnded the ended sessions that are stored while the database is unreachable
   */
  static Instances open(
      DatabasePlace.PostgreSql place,
      Supplier<InstanceReport> self,
      LongSupplier nanoTime,
      int maxEnded,
      Schedule schedule) {
    return new Instances(Database.forLimits(place), self, nanoTime, maxEnded, schedule);
  }

  /** Starts reporting. */
  public void start() {
    reports = schedule.every(PERIOD, "report of this instance", this::report);
  }

  /** Whether the database does not respond; each instance then keeps to its share. */
  public boolean isUnreachable() {
    return rule.isUnreachable();
  }

  /** The live instances when the database last responded; 0 if it has never responded. */
  public int live() {
    return rule.live();
  }

  /** Whether the limits hold over all instances, so that none keeps to a share. */
  boolean isTogether() {
    return rule.isTogether();
  }

  /** How much of a limit this instance may use by itself. */
  int share(int limit) {
    return rule.share(limit);
  }

  /** All instances of the last day, as the latest report found them. */
  public List<Instance> known() {
    return known;
  }

  /** Calls this when {@link #share} may have changed; it must not block. */
  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Runs a task on a thread that may ask the database, after a delay. */
  void schedule(Runnable task, Duration delay) {
    var unused = schedule.after(delay, requests, task);
  }

  private void report() {
    try {
      if (!migrated) {
        store.migrate();
        migrated = true;
      }
      giveBack();
      int now = reportHeld();
      var sent = uncounted.recent();
      if (!sent.isEmpty()) {
        store.countMessages(sent);
        uncounted.remove(sent);
      }
      known = store.list();
      if (rounds++ % CLEAN_EACH == 0) {
        store.clean();
      }
      responds(now);
    } catch (SQLException | RuntimeException failed) {
      failed(failed);
    }
  }

  /**
   * A session that ends meanwhile may be given back before the report counts it again. So it is
   * given back once more.
   */
  private int reportHeld() throws SQLException {
    Map<UUID, String> reported = new HashMap<>(held);
    try {
      return store.report(self.get(), reported);
    } finally {
      reported.keySet().stream().filter(id -> !held.containsKey(id)).forEach(ended::add);
    }
  }

  private void responds(int now) {
    boolean wasUnreachable = rule.isUnreachable();
    boolean wasTogether = rule.isTogether();
    if (!rule.responded(now)) {
      return;
    }
    if (wasUnreachable && warned) {
      log.info("the database responds again; this instance keeps to its share until all have");
    }
    if (!wasTogether && rule.isTogether()) {
      log.info(
          "the limits of mailboxes hold over all instances{}; live instances: {}",
          warned ? " again" : "",
          now);
    }
    listeners.forEach(Runnable::run);
  }

  private void failed(Exception failed) {
    boolean first = rule.failed() || !warned;
    if (first && !closing) {
      warned = true;
      int live = rule.live();
      log.warn(
          "the database is unreachable: {}; {} of the limits of mailboxes; check 'database'",
          failed.getMessage(),
          live == 0
              ? "this instance keeps to the smallest share"
              : "each of " + live + " instances keeps to its share");
      listeners.forEach(Runnable::run);
    }
  }

  /**
   * Takes a session of a mailbox if the limit over all instances allows it, and while they are not
   * together, also the share of this one. Runs on a thread of {@link #schedule}.
   *
   * @return the new session, or null if none is free
   */
  @Nullable UUID takeSession(String mailbox, int limit) {
    UUID id = UUID.randomUUID();
    synchronized (requested) {
      if (held(mailbox) >= rule.share(limit)) {
        return null;
      }
      requested.put(id, mailbox);
    }
    try {
      boolean taken =
          rule.isUnreachable() ? rule.isSettled() : store.takeSession(id, mailbox, limit);
      if (!taken) {
        return null;
      }
      held.put(id, mailbox);
      return id;
    } catch (SQLException | RuntimeException failed) {
      // The database may have counted it.
      ended.add(id);
      failed(failed);
      return null;
    } finally {
      requested.remove(id);
    }
  }

  /** How many sessions of a mailbox this instance holds or is about to hold. */
  private long held(String mailbox) {
    return Stream.of(held, requested)
        .flatMap(each -> each.values().stream())
        .filter(mailbox::equals)
        .count();
  }

  /** Gives a session back. Never blocks. */
  void endSession(UUID id) {
    if (held.remove(id) != null) {
      ended.add(id);
      schedule(this::endSessions, Duration.ZERO);
    }
  }

  private void endSessions() {
    if (rule.isUnreachable()) {
      return;
    }
    try {
      giveBack();
    } catch (SQLException | RuntimeException failed) {
      failed(failed);
    }
  }

  private void giveBack() throws SQLException {
    EndedSessions.Taken gone = ended.take();
    boolean done = false;
    try {
      if (gone.overflowed()) {
        // A session that is taken meanwhile is counted again by the next report.
        Set<UUID> running = new HashSet<>(requested.keySet());
        running.addAll(held.keySet());
        store.keepSessions(running);
      } else if (!gone.ids().isEmpty()) {
        store.endSessions(gone.ids());
      }
      done = true;
    } finally {
      if (!done) {
        ended.putBack(gone);
      }
    }
  }

  /**
   * Counts a message of a mailbox if the limit over all instances allows it.
   *
   * @return zero if it may be sent, otherwise the time until the next one
   */
  CompletableFuture<Duration> takeMessage(String mailbox, int limit) {
    if (rule.isUnreachable()) {
      uncounted.add(mailbox);
      return CompletableFuture.completedFuture(Duration.ZERO);
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return store.takeMessage(mailbox, limit);
          } catch (SQLException | RuntimeException failed) {
            failed(failed);
            uncounted.add(mailbox);
            return Duration.ZERO;
          }
        },
        requests);
  }

  /** Leaves, so that the others get its sessions at once, as far as the database responds. */
  @Override
  public void close() {
    closing = true;
    requests.shutdownNow();
    try {
      if ((reports == null || reports.end(CLOSE_LIMIT)) && !rule.isUnreachable()) {
        store.leave();
      }
    } catch (SQLException | RuntimeException failed) {
      log.debug("the other instances notice the end of this one later", failed);
    }
    database.close();
  }
}
