package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.function.Predicate;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.Verdict;

/**
 * Numbers of devices, by what has to be done for them.
 *
 * @param all ever seen
 * @param active seen recently
 * @param need those that need the upgrade
 * @param refusing those that do not trust our CA, with any verdict
 */
record DeviceTotals(long all, long active, long need, long refusing) {
  static DeviceTotals of(List<DeviceGroup> groups) {
    return new DeviceTotals(
        count(groups, group -> true),
        count(groups, group -> group.verdict() != Verdict.NOT_SEEN),
        count(groups, group -> group.verdict().needsUpgrade()),
        count(groups, DeviceGroup::refusesCa));
  }

  private static long count(List<DeviceGroup> groups, Predicate<DeviceGroup> of) {
    return groups.stream().filter(of).mapToLong(DeviceGroup::devices).sum();
  }

  /** The answer to "who still needs it?" in a sentence without a full stop. */
  String answer() {
    if (all == 0) {
      return "No device has connected yet";
    }
    if (active == 0) {
      return "No device has connected recently";
    }
    if (need == 0) {
      return active == 1
          ? "The only device does not need TLS Uplift"
          : "None of " + PageText.number(active) + " devices needs TLS Uplift";
    }
    return active == 1
        ? "The only device still needs TLS Uplift"
        : PageText.number(need)
            + " of "
            + PageText.count(active, "device")
            + (need == 1 ? " still needs TLS Uplift" : " still need TLS Uplift");
  }

  /** More facts, in sentences; may be empty. */
  String more() {
    StringBuilder more = new StringBuilder();
    if (refusing > 0) {
      more.append(PageText.count(refusing, "device"))
          .append(refusing == 1 ? " does not trust the CA. " : " do not trust the CA. ");
    }
    if (all > active && active > 0) {
      more.append(PageText.count(all - active, "more device"))
          .append(all - active == 1 ? " was" : " were")
          .append(" not seen recently.");
    }
    return more.toString().strip();
  }
}
