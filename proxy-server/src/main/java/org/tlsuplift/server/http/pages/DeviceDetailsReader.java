package org.tlsuplift.server.http.pages;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** Makes the page of a device from its history. */
final class DeviceDetailsReader {
  private static final int CHART_DAYS = 30;
  private static final int MAX_ORIGINS = 3;
  private static final Set<FactKind> ORIGIN_KINDS = EnumSet.of(FactKind.FAILURE, FactKind.REPLY);

  private DeviceDetailsReader() {}

  /**
   * @param refusedSignIn why its latest sign-in was refused; empty if it was not, or if the reader
   *     may not know its login
   */
  static DeviceDetails read(
      DeviceHistory history,
      List<StoredMessage> messages,
      PageFrame pageFrame,
      DeviceNotesPages.Notes notes,
      String refusedSignIn,
      Instant now) {
    DeviceRecord device = history.device();
    return new DeviceDetails(
        pageFrame,
        PageText.visible(device.address()),
        PageText.visible(device.name()),
        device.isRefusingCa(),
        DeviceChips.of(device, DeviceForm.ALL),
        notes,
        PageText.sentence(PageText.visible(device.verdictText())),
        VerdictLabels.tone(device.verdict()),
        VerdictLabels.why(device.verdict()),
        traits(device, now),
        lists(history, refusedSignIn, now),
        MessageListReader.rows(messages, now),
        MessageForm.ALL.with("device", device.address()).link(),
        chart(history, LocalDate.ofInstant(now, ZoneOffset.UTC)),
        history.days());
  }

  private static List<DeviceDetails.Trait> traits(DeviceRecord device, Instant now) {
    List<DeviceDetails.Trait> traits = new ArrayList<>();
    add(traits, "First seen", moment(device.firstSeen(), now));
    add(traits, "Last seen", moment(device.lastSeen(), now));
    add(traits, "Name in HELO or EHLO", device.introduction());
    add(traits, "Trusts the CA", trust(device.trust()));
    if (device.ecRefusedAt() != null) {
      add(traits, "Gets RSA keys since", moment(device.ecRefusedAt(), now));
    }
    add(traits, "Newest version offered", device.offeredVersion());
    add(traits, "Latest agreed version", device.latestVersion());
    add(traits, "Worst agreed version", device.worstVersion());
    add(traits, "Latest agreed cipher suite", device.latestSuite());
    add(traits, "Server name (SNI)", serverName(device));
    add(traits, "Fingerprint (JA4)", device.ja4());
    add(traits, "Probable program", device.suggests());
    if (device.ssl2Hellos() > 0) {
      add(traits, "Hellos in SSL 2.0 format", PageText.number(device.ssl2Hellos()));
    }
    add(traits, "Sessions", PageText.number(device.sessions()));
    add(
        traits,
        "Handshakes",
        "%s legacy, %s modern"
            .formatted(
                PageText.number(device.legacyHandshakes()),
                PageText.number(device.modernHandshakes())));
    add(traits, "Sessions without TLS", PageText.number(device.plaintextSessions()));
    add(traits, "Failures", PageText.number(device.failures()));
    add(
        traits,
        "Payload",
        "%s sent, %s received"
            .formatted(PageText.bytes(device.bytesUp()), PageText.bytes(device.bytesDown())));
    add(traits, "Reaches TLS Uplift by", String.join(", ", device.waysIn()));
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
      case YES -> "yes: it accepted our certificate";
      case NO -> "no: it refused our certificate";
      case UNKNOWN -> "unknown: it has not had to decide, or left after the handshake";
    };
  }

  private static String serverName(DeviceRecord device) {
    return device.serverName().isEmpty() && !device.ja4().isEmpty() ? "none" : device.serverName();
  }

  private static List<DeviceDetails.Several> lists(
      DeviceHistory history, String refusedSignIn, Instant now) {
    return List.of(
            several(
                history,
                FactKind.FAILURE,
                "Problems",
                "Problem",
                label ->
                    label.equals(CloseReason.SIGN_IN_FAILED.label())
                        ? ProblemText.ofFailure(label).withRemedy(refusedSignIn)
                        : ProblemText.ofFailure(label),
                now),
            several(
                history,
                FactKind.REPLY,
                "Refusals of its mail origin",
                "Reply",
                ProblemText::ofReply,
                now),
            several(
                history,
                FactKind.REFUSAL,
                "Messages that TLS Uplift refused",
                "Reason",
                ProblemText::ofRefusal,
                now),
            several(history, FactKind.DESTINATION, "Destinations", "Host and port", null, now),
            several(
                history,
                FactKind.KEY_EXCHANGE,
                "Key exchanges with origins",
                "Destination and group",
                null,
                now),
            several(history, FactKind.LISTENER, "Listeners", "Name", null, now),
            several(history, FactKind.VERSION, "Agreed versions", "Version", null, now),
            several(history, FactKind.SUITE, "Agreed cipher suites", "Suite", null, now),
            several(history, FactKind.JA4, "Fingerprints (JA4)", "Fingerprint", null, now))
        .stream()
        .filter(several -> !several.values().isEmpty())
        .toList();
  }

  private static DeviceDetails.Several several(
      DeviceHistory history,
      FactKind kind,
      String title,
      String heading,
      @Nullable Function<String, ProblemText> problem,
      Instant now) {
    return new DeviceDetails.Several(
        title,
        heading,
        problem != null,
        ORIGIN_KINDS.contains(kind),
        history.facts().stream()
            .filter(fact -> fact.kind() == kind)
            .map(
                fact ->
                    new DeviceDetails.Value(
                        PageText.visible(fact.value()),
                        problem == null ? null : problem.apply(fact.value()),
                        origins(history.device().problems(), fact),
                        PageText.number(fact.times()),
                        When.of(fact.firstSeen(), now),
                        When.of(fact.lastSeen(), now)))
            .toList());
  }

  /** The latest origins of a problem. */
  private static String origins(List<DeviceProblem> problems, DeviceHistory.Fact fact) {
    return problems.stream()
        .filter(each -> each.kind() == fact.kind() && each.problem().equals(fact.value()))
        .limit(MAX_ORIGINS)
        .map(
            each ->
                (each.origin().isEmpty()
                        ? "unknown"
                        : PageText.shortened(PageText.visible(each.origin())))
                    + (each.ended() ? DeviceProblem.ENDED : ""))
        .collect(Collectors.joining(", "));
  }

  private static Chart chart(DeviceHistory history, LocalDate today) {
    Map<LocalDate, DeviceHistory.Day> known =
        history.days().stream()
            .collect(Collectors.toMap(DeviceHistory.Day::day, Function.identity()));
    List<Chart.Row> rows =
        IntStream.range(0, CHART_DAYS)
            .mapToObj(i -> today.minusDays(CHART_DAYS - 1L - i))
            .dropWhile(day -> !known.containsKey(day))
            .map(day -> new Chart.Row(day.toString(), figures(known.get(day))))
            .toList();
    return new Chart(
        "Handshakes in the last " + CHART_DAYS + " days", "Day (UTC)", OverviewPages.SERIES, rows);
  }

  private static List<Long> figures(DeviceHistory.@Nullable Day day) {
    return day == null
        ? List.of(0L, 0L, 0L)
        : List.of(day.legacyHandshakes(), day.modernHandshakes(), day.plaintextSessions());
  }
}
