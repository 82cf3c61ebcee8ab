package org.tlsuplift.server.config;

import java.time.Duration;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Durations;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Section;

/**
 * The section {@code inventory}.
 *
 * @param flushInterval between two writes
 * @param keep after a device was last seen
 * @param readyAfter without anything that needs the upgrade
 * @param notSeenAfter since a device was last seen
 */
public record InventoryConfig(
    @Key(restart = true) boolean enabled,
    @Key(min = "100ms", max = "5m", restart = true) Duration flushInterval,
    @Key(min = "24h", max = "3650d", restart = true) Duration keep,
    @Key(min = "1", max = "10000000", restart = true) int maxDevices,
    @Key(min = "0s", max = "3650d") Duration readyAfter,
    @Key(min = "24h", max = "3650d") Duration notSeenAfter)
    implements Checked {
  /** A device that is deleted before it counts as not seen would never be listed. */
  @Override
  public void check(Section section) {
    Duration needed = readyAfter.compareTo(notSeenAfter) > 0 ? readyAfter : notSeenAfter;
    if (keep.compareTo(needed) >= 0
        || !section.clean("keep")
        || !section.clean("readyAfter")
        || !section.clean("notSeenAfter")) {
      return;
    }
    String hint =
        "devices that are deleted earlier are missing from 'not seen' and from the switch-off report";
    if (section.has("keep")) {
      section.contradiction(
          "keep",
          "a time from " + Durations.format(needed) + ", the longer of readyAfter and notSeenAfter",
          hint);
    } else {
      section.contradiction(
          needed.equals(notSeenAfter) ? "notSeenAfter" : "readyAfter",
          "a time up to " + Durations.format(keep) + ", the value of keep",
          hint);
    }
  }
}
