package org.tlsuplift.server.pages;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;

/** Makes the page of a device from its history. */
final class DeviceDetailsReader {
  private static final int CHART_DAYS = 30;

  private DeviceDetailsReader() {}

  static DeviceDetails read(DeviceHistory history, PageFrame pageFrame, Instant now) {
    DeviceRecord device = history.device();
    return new DeviceDetails(
        pageFrame,
        PageText.visible(device.address()),
        PageText.visible(device.name()),
        PageText.visible(device.verdictText()),
        VerdictLabels.tone(device.verdict()),
        VerdictLabels.why(device.verdict()),
        traits(device, now),
        lists(history),
        chart(history, LocalDate.ofInstant(now, ZoneOffset.UTC)),
        history.days().stream().map(DeviceDetailsReader::day).toList());
  }

  private static List<DeviceDetails.Trait> traits(DeviceRecord device, Instant now) {
    List<DeviceDetails.Trait> traits = new ArrayList<>();
    add(traits, "First seen", moment(device.firstSeen(), now));
    add(traits, "Last seen", moment(device.lastSeen(), now));
    add(traits, "Calls itself (HELO, EHLO)", device.introduction());
    add(traits, "Trusts our CA", trust(device.trust()));
    add(traits, "Newest version offered", device.offeredVersion());
    add(traits, "Version agreed last", device.latestVersion());
    add(traits, "Worst version agreed", device.worstVersion());
    add(traits, "Cipher suite agreed last", device.latestSuite());
    add(traits, "Server name (SNI)", serverName(device));
    add(traits, "Fingerprint (JA4)", device.ja4());
    add(traits, "Which suggests the program", device.suggests());
    if (device.ssl2Hellos() > 0) {
      add(traits, "Hellos framed as SSL 2.0", PageText.number(device.ssl2Hellos()));
    }
    add(traits, "Sessions", PageText.number(device.sessions()));
    add(
        traits,
        "Handshakes",
        PageText.number(device.legacyHandshakes())
            + " legacy, "
            + PageText.number(device.modernHandshakes())
            + " modern");
    add(traits, "Sessions without TLS", PageText.number(device.plaintextSessions()));
    add(traits, "Failures", PageText.number(device.failures()));
    add(
        traits,
        "Payload",
        PageText.bytes(device.bytesUp())
            + " sent, "
            + PageText.bytes(device.bytesDown())
            + " received");
    add(traits, "Ways in", String.join(", ", device.waysIn()));
    return traits;
  }

  private static void add(List<DeviceDetails.Trait> traits, String label, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      traits.add(new DeviceDetails.Trait(label, PageText.visible(value)));
    }
  }

  private static String moment(Instant moment, Instant now) {
    return PageText.minute(moment) + " UTC (" + PageText.ago(moment, now) + ")";
  }

  private static String trust(DeviceRecord.Trust trust) {
    return switch (trust) {
      case YES -> "yes: it completed a handshake with a certificate of ours";
      case NO -> "no: it refused a certificate of ours";
      case UNKNOWN ->
          "not known: it never had to, or left after the handshake without having sent"
              + " anything";
    };
  }

  private static String serverName(DeviceRecord device) {
    return device.serverName().isEmpty() && !device.ja4().isEmpty() ? "none" : device.serverName();
  }

  private static List<DeviceDetails.Several> lists(DeviceHistory history) {
    return List.of(
            several(history, FactKind.FAILURE, "Failures", "Reason", FailureRemedies::remedy),
            several(
                history,
                FactKind.REPLY,
                "Refusals of its mail origin",
                "Reply",
                FailureRemedies::replyRemedy),
            several(history, FactKind.DESTINATION, "Destinations", "Host and port", null),
            several(history, FactKind.LISTENER, "Listeners", "Name", null),
            several(history, FactKind.VERSION, "Versions agreed", "Version", null),
            several(history, FactKind.SUITE, "Cipher suites agreed", "Suite", null),
            several(history, FactKind.JA4, "Fingerprints (JA4)", "Fingerprint", null))
        .stream()
        .filter(several -> !several.values().isEmpty())
        .toList();
  }

  private static DeviceDetails.Several several(
      DeviceHistory history,
      FactKind kind,
      String title,
      String heading,
      @Nullable Function<String, String> remedy) {
    return new DeviceDetails.Several(
        title,
        heading,
        remedy != null,
        history.facts().stream()
            .filter(fact -> fact.kind() == kind)
            .map(
                fact ->
                    new DeviceDetails.Value(
                        PageText.visible(fact.value()),
                        PageText.number(fact.times()),
                        PageText.minute(fact.firstSeen()),
                        PageText.minute(fact.lastSeen()),
                        remedy == null ? "" : remedy.apply(fact.value())))
            .toList());
  }

  private static Chart chart(DeviceHistory history, LocalDate today) {
    Map<LocalDate, DeviceHistory.Day> known =
        history.days().stream()
            .collect(Collectors.toMap(DeviceHistory.Day::day, Function.identity()));
    List<Chart.Row> rows =
        IntStream.range(0, CHART_DAYS)
            .mapToObj(i -> today.minusDays(CHART_DAYS - 1L - i))
            .map(day -> new Chart.Row(day.toString(), figures(known.get(day))))
            .toList();
    return new Chart(
        "Handshakes of the last " + CHART_DAYS + " days", "Day (UTC)", OverviewReader.SERIES, rows);
  }

  private static List<Long> figures(DeviceHistory.@Nullable Day day) {
    return day == null
        ? List.of(0L, 0L, 0L)
        : List.of(day.legacyHandshakes(), day.modernHandshakes(), day.plaintextSessions());
  }

  private static DeviceDetails.Day day(DeviceHistory.Day day) {
    return new DeviceDetails.Day(
        day.day().toString(),
        PageText.number(day.sessions()),
        PageText.number(day.legacyHandshakes()),
        PageText.number(day.modernHandshakes()),
        PageText.number(day.plaintextSessions()),
        PageText.number(day.failures()),
        Optional.ofNullable(day.worstVersion()).orElse(""));
  }
}
