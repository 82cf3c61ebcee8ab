package org.tlsuplift.server.background;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to log a condition that lasts: at once, when it becomes another one, and possibly
 * again after a while.
 *
 * <p>One thread at a time notes it; any thread may call {@link #isOn}.
 */
public final class Notice {
  private final Clock clock;
  private final @Nullable Duration repeat;
  private volatile @Nullable Object condition;
  private Instant logged = Instant.EPOCH;

  private Notice(@Nullable Duration repeat, Clock clock) {
    this.repeat = repeat;
    this.clock = clock;
  }

  /** A condition that is logged once until it ends. */
  public static Notice once() {
    return new Notice(null, Clock.systemUTC());
  }

  /** A condition that is logged again each day. */
  public static Notice daily(Clock clock) {
    return new Notice(Duration.ofDays(1), clock);
  }

  /**
   * Notes that the condition holds.
   *
   * @param now equal to the last one if nothing has changed for the operator
   * @return whether to log it
   */
  public boolean isNews(Object now) {
    Instant time = clock.instant();
    if (now.equals(condition) && (repeat == null || time.isBefore(logged.plus(repeat)))) {
      return false;
    }
    condition = now;
    logged = time;
    return true;
  }

  /**
   * Notes that the condition does not hold.
   *
   * @return whether it held before, so that its end is news
   */
  public boolean ended() {
    boolean held = isOn();
    condition = null;
    return held;
  }

  /** Whether the condition holds. */
  public boolean isOn() {
    return condition != null;
  }
}
