package org.tlsuplift.server.inventory.messages;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A device that sent mail regularly and has stopped.
 *
 * <p>A device sends regularly if the origin accepted mail of it on at least {@value #MIN_DAYS} of
 * the last {@value #WINDOW_DAYS} days (of UTC). It is silent when it has sent no accepted mail for
 * one day longer than its longest pause between two such days. So a device that rests at weekends
 * is not silent on Monday.
 *
 * @param name of the device; may be empty
 * @param latest the time of its latest accepted mail
 * @param days the days with accepted mail
 * @param pause the longest distance of two of them, in days; 1 for a device that sends each day
 */
public record SilentSender(String address, String name, Instant latest, int days, int pause) {
  /** The days that count. */
  public static final int WINDOW_DAYS = 30;

  /** The days with mail that make a device a regular sender. */
  public static final int MIN_DAYS = 4;

  /**
   * Whether a device is silent.
   *
   * @param days with accepted mail in the window, ascending, counted from 1970-01-01
   * @param latest its latest accepted mail
   */
  public static boolean isSilent(List<Long> days, Instant latest, Instant now) {
    return days.size() >= MIN_DAYS
        && Duration.between(latest, now).compareTo(Duration.ofDays(longestPause(days) + 1L)) > 0;
  }

  /** The longest distance of two days that follow each other; 1 for fewer than two days. */
  public static int longestPause(List<Long> days) {
    long longest = 1;
    for (int i = 1; i < days.size(); i++) {
      longest = Math.max(longest, days.get(i) - days.get(i - 1));
    }
    return (int) longest;
  }
}
