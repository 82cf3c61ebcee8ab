package org.tlsuplift.server.cluster;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The sessions that have ended and that the database may still count, up to a limit. They wait
 * while the database does not respond. Thread-safe.
 */
final class EndedSessions {
  /** This many sessions need some 10 MiB. */
  static final int MAX = 100_000;

  private final int max;
  private Set<UUID> ids = new HashSet<>();
  private boolean overflowed;

  EndedSessions(int max) {
    this.max = max;
  }

  /**
   * Ended sessions.
   *
   * @param overflowed whether more have ended than {@code ids}
   */
  record Taken(Set<UUID> ids, boolean overflowed) {}

  synchronized void add(UUID id) {
    if (ids.size() < max) {
      ids.add(id);
    } else {
      overflowed = true;
    }
  }

  /** Takes all sessions that have ended since the last call. */
  synchronized Taken take() {
    Taken taken = new Taken(ids, overflowed);
    ids = new HashSet<>();
    overflowed = false;
    return taken;
  }

  /** Puts sessions back that the database still counts. */
  synchronized void putBack(Taken taken) {
    taken.ids().forEach(this::add);
    overflowed |= taken.overflowed();
  }
}
