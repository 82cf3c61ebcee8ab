package org.tlsuplift.server.background;

/** Schedules for tests. */
public final class Schedules {
  private Schedules() {}

  /** A schedule whose periods are this many times shorter. */
  public static Schedule fast(int times) {
    return new Schedule(times);
  }
}
