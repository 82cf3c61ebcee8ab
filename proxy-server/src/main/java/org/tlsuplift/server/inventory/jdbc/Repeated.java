package org.tlsuplift.server.inventory.jdbc;

import java.time.Duration;

/**
 * A chore that is done again and again, at a pace. Of one thread.
 *
 * <p>What it takes is the shorter of the last two times: the first time there is code to load, and
 * any time the machine may be busy with something else.
 */
public final class Repeated {
  private final Pace pace;
  private Duration before = Duration.ZERO;

  public Repeated(Pace pace) {
    this.pace = pace;
  }

  /** How long to wait after it was done. */
  public Duration done(Duration took) {
    Duration shorter = took.compareTo(before) < 0 ? took : before;
    before = took;
    return pace.after(shorter);
  }

  /** How long to wait after it failed: the time went into waiting for a database that was away. */
  public Duration failed() {
    return pace.after(Duration.ZERO);
  }
}
