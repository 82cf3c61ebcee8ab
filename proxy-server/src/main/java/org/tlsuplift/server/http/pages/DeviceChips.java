package org.tlsuplift.server.http.pages;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Verdict;

/** The chips of devices: each selects the devices with one property. */
final class DeviceChips {
  /** The label of devices that refuse the proxy's certificate. */
  static final String REFUSES = "does not trust the CA";

  private DeviceChips() {}

  /** A verdict, with the newest version of a device that is too old. */
  private record Kind(Verdict verdict, Optional<TlsVersion> newest) {
    static Kind of(DeviceGroup group) {
      return new Kind(group.verdict(), group.newest());
    }
  }

  private static final Comparator<Kind> WORST_FIRST =
      Comparator.comparing(Kind::verdict)
          .thenComparing(kind -> kind.newest().map(TlsVersion::code).orElse(Integer.MAX_VALUE));

  /** All chips that select at least one device; none is chosen. */
  static List<Chip> of(List<DeviceGroup> groups) {
    return of(groups, DeviceForm.ALL).stream()
        .map(chip -> new Chip(chip.label(), chip.devices(), chip.link(), chip.tone(), false))
        .toList();
  }

  /**
   * All chips that select at least one device, and the chosen one.
   *
   * @param groups the devices that the rest of the form selects
   */
  static List<Chip> of(List<DeviceGroup> groups, ListForm form) {
    List<Chip> chips = new ArrayList<>();
    DeviceTotals totals = DeviceTotals.of(groups);
    ListForm all = DeviceForm.withoutChips(form);
    chips.add(chip("all", totals.all(), all, form, "all"));
    chips.add(
        chip(
            "needs TLS Uplift",
            totals.need(),
            all.with("verdict", Verdict.NEEDS_UPGRADE),
            form,
            "bad"));
    groups.stream()
        .collect(Collectors.groupingBy(Kind::of, Collectors.summingLong(DeviceGroup::devices)))
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey(WORST_FIRST))
        .forEach(
            each ->
                chips.add(
                    chip(
                        VerdictLabels.chip(each.getKey().verdict(), each.getKey().newest()),
                        each.getValue(),
                        form(all, each.getKey()),
                        form,
                        VerdictLabels.tone(each.getKey().verdict()))));
    chips.add(2, chip(REFUSES, totals.refusing(), all.with("trust", "no"), form, "warn"));
    return chips.stream().filter(chip -> chip.chosen() || !chip.devices().equals("0")).toList();
  }

  private static Chip chip(
      String label, long devices, ListForm selecting, ListForm form, String tone) {
    boolean chosen = DeviceForm.haveSameChips(selecting, form);
    return new Chip(
        label,
        PageText.number(devices),
        (chosen ? DeviceForm.withoutChips(form) : selecting).link(),
        tone,
        chosen);
  }

  private static ListForm form(ListForm form, Kind kind) {
    return form.with("verdict", kind.verdict().label())
        .with("version", kind.newest().map(TlsVersion::label).orElse(""));
  }

  /** The chips of one device, which select devices like it. */
  static List<Chip> of(DeviceRecord device, ListForm form) {
    List<Chip> chips = new ArrayList<>();
    ListForm all = DeviceForm.withoutChips(form);
    if (device.isRefusingCa()) {
      chips.add(new Chip(REFUSES, "", all.with("trust", "no").link(), "warn", false));
    }
    Kind kind =
        new Kind(
            device.verdict(),
            device.verdict() == Verdict.TOO_OLD
                ? Optional.ofNullable(device.tooOld())
                : Optional.empty());
    chips.add(
        new Chip(
            VerdictLabels.chip(kind.verdict(), kind.newest()),
            "",
            form(all, kind).link(),
            VerdictLabels.tone(kind.verdict()),
            false));
    return chips;
  }
}
