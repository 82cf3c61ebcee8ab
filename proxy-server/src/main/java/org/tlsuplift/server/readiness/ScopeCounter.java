package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.tlsuplift.server.inventory.ListenerNeed;

/** Counts the devices of one scope, and keeps the latest few that block it. */
final class ScopeCounter {
  private static final Comparator<Standing> EARLIEST_FIRST =
      Comparator.comparing(Standing::latest)
          .thenComparing(Standing::address, Comparator.reverseOrder());

  private final PriorityQueue<Standing> latest =
      new PriorityQueue<>(SwitchOffResult.LISTED + 1, EARLIEST_FIRST);
  private long devices;
  private long standing;
  private Instant latestNeed = Instant.MIN;

  /**
   * A device that blocks the switch-off.
   *
   * @param needs at least one, the latest first
   */
  record Standing(String address, List<ListenerNeed> needs) {
    Instant latest() {
      return needs.get(0).lastShown();
    }
  }

  /** Counts a device that connected. */
  void seen() {
    devices++;
  }

  /** Adds a device with at least one need. Devices may come in any order. */
  void add(String address, List<ListenerNeed> needs) {
    Standing device = new Standing(address, BlockingDevice.latestFirst(needs));
    standing++;
    if (device.latest().isAfter(latestNeed)) {
      latestNeed = device.latest();
    }
    latest.add(device);
    if (latest.size() > SwitchOffResult.LISTED) {
      latest.remove();
    }
  }

  /** The number of devices that connected, with the blocking ones. */
  long devices() {
    return Math.max(devices, standing);
  }

  long standing() {
    return standing;
  }

  /** {@link Instant#MIN} for never. */
  Instant latestNeed() {
    return latestNeed;
  }

  /** The blocking devices with the latest needs, the latest first. */
  List<Standing> latest() {
    return latest.stream().sorted(EARLIEST_FIRST.reversed()).toList();
  }
}
