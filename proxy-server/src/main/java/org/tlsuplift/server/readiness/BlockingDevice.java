package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.ListenerNeed;

/**
 * A device that blocks the switch-off. The device controls its name and its introduction, so escape
 * them wherever they are shown.
 *
 * @param needs in the scope, the latest first
 * @param help remedies as text, the most urgent first
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

  /** The last time that the device needed more than a modern listener offers. */
  public Instant latestNeed() {
    return needs.get(0).lastShown();
  }
}
