package org.tlsuplift.server.insight.switchoff;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.ListenerNeed;

/**
 * A device that stands against it. What it says of itself and its name are hostile: to be escaped
 * wherever they are shown.
 *
 * @param needs in the scope, the latest first
 * @param help remedies in words for people, the most urgent first
 */
public record BlockingDevice(DeviceRecord device, List<ListenerNeed> needs, List<String> help) {
  public BlockingDevice {
    needs = List.copyOf(needs);
    help = List.copyOf(help);
  }

  /** The needs of one device, the latest first. */
  static List<ListenerNeed> latestFirst(List<ListenerNeed> needs) {
    return needs.stream()
        .sorted(
            Comparator.comparing(ListenerNeed::lastShown)
                .reversed()
                .thenComparing(ListenerNeed::need)
                .thenComparing(ListenerNeed::listener))
        .toList();
  }

  /** When it last showed that it needs more than a modern listener has. */
  public Instant latestNeed() {
    return needs.get(0).lastShown();
  }
}
