package org.tlsuplift.server.command.text;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.terminal.TextColumns;
import org.tlsuplift.server.text.Printable;

/** Devices as text for a terminal, without control characters. */
public final class DeviceText {
  private static final List<String> HEADER =
      List.of(
          "ADDRESS",
          "NAME",
          "VERDICT",
          "LATEST",
          "WORST",
          "LAST SEEN",
          "SESSIONS",
          "LISTENERS",
          "LATEST FAILURE");

  private DeviceText() {}

  /** A header and a line for each device; the last column has no fixed width. */
  public static List<String> table(List<DeviceRecord> devices) {
    List<List<String>> rows = new ArrayList<>(List.of(HEADER));
    devices.forEach(device -> rows.add(row(device)));
    return TextColumns.aligned(rows);
  }

  private static List<String> row(DeviceRecord device) {
    return Stream.of(
            device.address(),
            known(device.label()),
            device.verdictText(),
            known(device.latestVersion()),
            known(device.worstVersion()),
            time(device.lastSeen()),
            String.valueOf(device.sessions()),
            String.join(",", device.listeners()),
            device
                .latestProblem()
                .map(latest -> latest.problem() + (latest.ended() ? DeviceProblem.ENDED : ""))
                .orElseGet(() -> known(device.latestFailure())))
        .map(Printable::line)
        .toList();
  }

  /** One line with the number of devices for each verdict. */
  public static String summary(Map<Verdict, Long> counts) {
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    String each =
        Arrays.stream(Verdict.values())
            .filter(verdict -> counts.getOrDefault(verdict, 0L) > 0)
            .map(verdict -> counts.get(verdict) + " " + verdict.label())
            .collect(Collectors.joining(", "));
    return count(all, "device") + (each.isEmpty() ? "" : ": " + each);
  }

  public static List<String> lines(DeviceHistory history) {
    DeviceRecord device = history.device();
    List<String> lines = new ArrayList<>();
    lines.add("address      " + device.address());
    optional(lines, "name         ", device.name());
    optional(lines, "calls itself ", device.introduction());
    for (int i = 0; i < DeviceNotes.FIELDS.size(); i++) {
      String label = "%-13s".formatted(DeviceNotes.FIELDS.get(i));
      optional(lines, label, device.notes().values().get(i));
    }
    lines.add("verdict      " + device.verdictText());
    lines.add("seen         %s to %s".formatted(time(device.firstSeen()), time(device.lastSeen())));
    lines.add(
        "handshakes   %d legacy, %d modern; %s, %d failed, %d in plaintext"
            .formatted(
                device.legacyHandshakes(),
                device.modernHandshakes(),
                count(device.sessions(), "session"),
                device.failures(),
                device.plaintextSessions()));
    lines.add("bytes        %d up, %d down".formatted(device.bytesUp(), device.bytesDown()));
    lines.add("trusts CA    " + device.trust().name().toLowerCase(Locale.ROOT));
    if (device.ecRefusedAt() != null) {
      lines.add("gets RSA     a handshake with an EC key failed, " + time(device.ecRefusedAt()));
    }
    if (device.ssl2Hellos() > 0) {
      lines.add("SSL 2.0      " + device.ssl2Hellos() + " hellos in its framing");
    }
    optional(lines, "ways in      ", String.join(", ", device.waysIn()));
    optional(lines, "server name  ", device.serverName());
    optional(lines, "program      ", device.suggests());
    for (FactKind kind : FactKind.values()) {
      history.facts().stream()
          .filter(fact -> fact.kind() == kind)
          .map(
              fact ->
                  "%-16s %s  (%s, last %s)"
                      .formatted(
                          kind.label(),
                          fact.value(),
                          count(fact.times(), "time"),
                          time(fact.lastSeen())))
          .forEach(lines::add);
    }
    for (DeviceHistory.Day day : history.days()) {
      lines.add(
          "%s  %s, %d legacy, %d modern, %d in plaintext, %d failed, worst %s"
              .formatted(
                  day.day(),
                  count(day.sessions(), "session"),
                  day.legacyHandshakes(),
                  day.modernHandshakes(),
                  day.plaintextSessions(),
                  day.failures(),
                  known(day.worstVersion())));
    }
    return lines.stream().map(Printable::line).toList();
  }

  private static void optional(List<String> lines, String label, String value) {
    if (!value.isEmpty()) {
      lines.add(label + value);
    }
  }

  private static String known(@Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !text.isEmpty()).orElse("-");
  }

  private static String time(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A number and a noun, in the plural unless the number is 1. */
  public static String count(long number, String one) {
    return number + " " + one + (number == 1 ? "" : "s");
  }
}
