package org.tlsuplift.proxy.mail;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Counts what each device does within a sliding window, and allows only so much of it. The limit
 * may change while the counts stay.
 *
 * <p>The window has {@value #SLOTS} slots, and the slot in use counts in addition. So a device
 * never exceeds the limit in any window of the exact length, and waits at most one slot longer than
 * necessary. Stores at most {@value #MAX_DEVICES} devices; the least used one is evicted first and
 * then starts from zero. Never blocks. Thread-safe.
 */
final class DeviceCounts {
  private static final int SLOTS = 12;
  private static final int MAX_DEVICES = 50_000;

  private final long slotNanos;
  private final LongSupplier nanoTime;
  private final Cache<InetAddress, Window> windows;

  /** The counts of one device, each in the slot of its number modulo their length. */
  private static final class Window {
    private final int[] counts = new int[SLOTS + 1];
    private long newest;
    private int sum;

    boolean take(long slot, int most) {
      for (long passed = Math.min(slot - newest, counts.length); passed > 0; passed--) {
        int old = Math.floorMod(slot - passed + 1, counts.length);
        sum -= counts[old];
        counts[old] = 0;
      }
      newest = Math.max(newest, slot);
      if (sum >= most) {
        return false;
      }
      counts[Math.floorMod(newest, counts.length)]++;
      sum++;
      return true;
    }
  }

  /**
   * Creates counts of zero.
   *
   * @param nanoTime a clock such as {@link System#nanoTime}
   */
  DeviceCounts(Duration window, LongSupplier nanoTime) {
    this.slotNanos = window.toNanos() / SLOTS;
    this.nanoTime = nanoTime;
    this.windows =
        Caffeine.newBuilder()
            .ticker(nanoTime::getAsLong)
            .maximumSize(MAX_DEVICES)
            .expireAfterAccess(window.plusNanos(slotNanos))
            .executor(Runnable::run)
            .build();
  }

  /**
   * Counts one more; returns false, and counts nothing, if the device has reached the limit.
   *
   * @param most in one window, at least 1
   */
  boolean take(InetAddress device, int most) {
    long slot = Math.floorDiv(nanoTime.getAsLong(), slotNanos);
    boolean[] taken = new boolean[1];
    windows
        .asMap()
        .compute(
            device,
            (unused, known) -> {
              Window window = known;
              if (window == null) {
                window = new Window();
                window.newest = slot;
              }
              taken[0] = window.take(slot, most);
              return window;
            });
    return taken[0];
  }
}
