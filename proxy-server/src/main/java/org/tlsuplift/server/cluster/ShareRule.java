package org.tlsuplift.server.cluster;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Decides how this instance keeps to the limits, from what it knows of the database and the other
 * instances. Thread-safe.
 *
 * <p>When the database is lost, others may hold more sessions than their share, and nobody can
 * know. So no instance opens a session before these had time to end. When the database is back, it
 * does not know yet what the others did in between. So this instance keeps to its share until they
 * had time to report it.
 */
final class ShareRule {
  /**
   * No session opens for this long after the database is lost. Most sessions of scanners are
   * shorter.
   */
  static final Duration SETTLE_TIME = Duration.ofSeconds(5);

  /**
   * This instance keeps to its share for this long after the database is back. The slowest retry of
   * a connection is sooner.
   */
  static final Duration RETURN_TIME = Duration.ofSeconds(10);

  private enum State {
    /** The database does not respond. */
    AWAY,
    /** It responds, but others may not have reported yet. */
    RETURNING,
    TOGETHER
  }

  private final LongSupplier nanoTime;
  private State state = State.AWAY;
  private long since;
  private int live;
  private int sharers;

  /** Starts without knowledge of the database. */
  ShareRule(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    since = nanoTime.getAsLong();
  }

  synchronized boolean isUnreachable() {
    return state == State.AWAY;
  }

  synchronized boolean isTogether() {
    return state == State.TOGETHER;
  }

  /** Whether a session may be opened without asking the database. */
  synchronized boolean isSettled() {
    return state == State.AWAY && isOlderThan(SETTLE_TIME);
  }

  /** The live instances when the database last responded; 0 if it has never responded. */
  synchronized int live() {
    return live;
  }

  /** The share of this instance of a limit, at least 1; the limit if all keep to it together. */
  synchronized int share(int limit) {
    return switch (state) {
      case TOGETHER -> limit;
      // An unknown number of instances counts as many.
      case AWAY, RETURNING -> sharers == 0 ? 1 : Math.max(1, limit / sharers);
    };
  }

  /**
   * Notes that the database responded.
   *
   * @return whether anything has changed
   */
  synchronized boolean responded(int now) {
    State before = state;
    int liveBefore = live;
    live = now;
    if (state == State.AWAY) {
      enter(State.RETURNING);
    } else if (state == State.RETURNING && isOlderThan(RETURN_TIME)) {
      enter(State.TOGETHER);
    }
    // Instances that have not yet reached the database again keep their share.
    sharers = state == State.TOGETHER ? now : Math.max(sharers, now);
    return state != before || live != liveBefore;
  }

  /**
   * Notes that a request failed.
   *
   * @return whether the database responded before
   */
  synchronized boolean failed() {
    if (state == State.AWAY) {
      return false;
    }
    enter(State.AWAY);
    return true;
  }

  private void enter(State next) {
    state = next;
    since = nanoTime.getAsLong();
  }

  private boolean isOlderThan(Duration age) {
    return nanoTime.getAsLong() - since >= age.toNanos();
  }
}
