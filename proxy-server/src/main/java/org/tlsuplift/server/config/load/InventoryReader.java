package org.tlsuplift.server.config.load;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.tlsuplift.server.config.InventoryConfig;
import org.tlsuplift.server.config.yaml.Durations;
import org.tlsuplift.server.config.yaml.Section;

/** Reads {@code inventory}. */
final class InventoryReader {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration TEN_YEARS = Duration.ofDays(3650);

  private InventoryReader() {}

  static InventoryConfig read(Section section) {
    InventoryConfig inventory =
        new InventoryConfig(
            section.flag("enabled"),
            section.duration("flushInterval", Duration.ofMillis(100), Duration.ofMinutes(5)),
            section.duration("keep", DAY, TEN_YEARS),
            section.integer("maxDevices", 1, 10_000_000),
            section.duration("readyAfter", Duration.ZERO, TEN_YEARS),
            section.duration("notSeenAfter", DAY, TEN_YEARS));
    keptTooShort(section, inventory);
    section.end();
    return inventory;
  }

  /** A device that is deleted before it counts as not seen would never be listed. */
  private static void keptTooShort(Section section, InventoryConfig inventory) {
    Duration needed = Collections.max(List.of(inventory.readyAfter(), inventory.notSeenAfter()));
    if (inventory.keep().compareTo(needed) >= 0
        || !section.clean("keep")
        || !section.clean("readyAfter")
        || !section.clean("notSeenAfter")) {
      return;
    }
    String key =
        section.has("keep")
            ? "keep"
            : needed.equals(inventory.notSeenAfter()) ? "notSeenAfter" : "readyAfter";
    section.contradiction(
        key,
        key.equals("keep")
            ? "a time from "
                + Durations.format(needed)
                + ", the longer of readyAfter and notSeenAfter"
            : "a time up to " + Durations.format(inventory.keep()) + ", the value of keep",
        "devices that are deleted earlier are missing from 'not seen' and from the switch-off report");
  }
}
