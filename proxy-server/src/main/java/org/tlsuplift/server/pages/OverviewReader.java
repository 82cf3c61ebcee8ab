package org.tlsuplift.server.pages;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.server.insight.overview.ActivitySnapshot;
import org.tlsuplift.server.insight.overview.ActivitySnapshot.AffectedDevices;
import org.tlsuplift.server.insight.overview.ExpiringItem;
import org.tlsuplift.server.insight.overview.HandshakeTotals;
import org.tlsuplift.server.insight.overview.MicrosoftDate;
import org.tlsuplift.server.insight.overview.TimeRange;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Verdict;

/** Reads what the overview shows. */
final class OverviewReader {
  /** Something that expires within this time is shown as near. */
  private static final Duration NEAR = Duration.ofDays(30);

  private static final int MAX_ROWS = 12;

  static final List<Chart.Series> SERIES =
      List.of(
          new Chart.Series("Legacy, below TLS 1.2", "legacy"),
          new Chart.Series("Modern, TLS 1.2 and 1.3", "modern"),
          new Chart.Series("Without TLS", "plaintext"));

  private final PageSources sources;

  OverviewReader(PageSources sources) {
    this.sources = sources;
  }

  /** Reads the overview; without an inventory, only what comes from elsewhere. */
  Overview read(TimeRange timeRange, PageFrame pageFrame) {
    Instant now = sources.clock().instant();
    if (sources.inventory().isEmpty()) {
      return without(
          timeRange,
          pageFrame,
          now,
          "No inventory is kept: inventory.enabled is false in the configuration.");
    }
    try {
      return with(sources.inventory().get(), timeRange, pageFrame, now);
    } catch (SQLException failed) {
      return without(timeRange, pageFrame, now, PageText.unreadable(failed));
    }
  }

  private Overview without(TimeRange timeRange, PageFrame pageFrame, Instant now, String trouble) {
    return new Overview(
        pageFrame,
        trouble,
        List.of(),
        "",
        List.of(sessions()),
        spans(timeRange),
        timeRange,
        new Chart("", "", SERIES, List.of()),
        "",
        List.of(),
        List.of(),
        List.of(),
        endings(now),
        List.of());
  }

  private Overview with(Inventory inventory, TimeRange timeRange, PageFrame pageFrame, Instant now)
      throws SQLException {
    ActivitySnapshot activitySnapshot = new ActivitySnapshot(inventory, now);
    HandshakeTotals handshakeTotals = activitySnapshot.handshakes(timeRange);
    Map<Verdict, Long> verdicts = activitySnapshot.verdicts();
    List<FactCount> failures = activitySnapshot.failures();
    return new Overview(
        pageFrame,
        null,
        all(verdicts) == 0 ? sources.waysIn() : List.of(),
        PageText.duration(sources.flushInterval()),
        List.of(
            need(verdicts), legacy(handshakeTotals), distrust(failures, all(verdicts)), sessions()),
        spans(timeRange),
        timeRange,
        chart(handshakeTotals),
        covers(timeRange, now),
        shares(verdicts),
        mishaps(failures, now, true),
        mishaps(activitySnapshot.refusals(), now, false),
        endings(now),
        activitySnapshot.concerns().stream().map(each -> date(each, now)).toList());
  }

  private Overview.Tile sessions() {
    return new Overview.Tile(
        "Sessions now",
        PageText.number(sources.sessions().getAsInt()),
        "of this daemon",
        "",
        "calm");
  }

  private static Overview.Tile need(Map<Verdict, Long> verdicts) {
    long all = all(verdicts);
    long need =
        Arrays.stream(Verdict.values())
            .filter(Verdict::needsUpgrade)
            .mapToLong(verdict -> verdicts.getOrDefault(verdict, 0L))
            .sum();
    return new Overview.Tile(
        "Need the upgrade",
        PageText.number(need),
        "of " + PageText.count(all, "device") + " ever seen",
        new DeviceForm().with("verdict", VerdictLabels.NEEDS_UPGRADE).link(),
        tone(need, all));
  }

  private static Overview.Tile legacy(HandshakeTotals handshakeTotals) {
    long legacy = handshakeTotals.sum(HandshakeTotals.Stretch::legacy);
    long all = legacy + handshakeTotals.sum(HandshakeTotals.Stretch::modern);
    String share =
        all == 0 ? "no handshakes at all" : percent(legacy, all) + " of " + PageText.number(all);
    return new Overview.Tile(
        "Legacy handshakes",
        PageText.number(legacy),
        handshakeTotals.span().label().toLowerCase(Locale.ROOT) + ": " + share,
        "#handshakes",
        tone(legacy, all));
  }

  private static Overview.Tile distrust(List<FactCount> failures, long all) {
    String label = HandshakeOutcome.CERTIFICATE_REJECTED.label();
    long devices =
        failures.stream()
            .filter(each -> each.value().equals(label))
            .mapToLong(FactCount::devices)
            .sum();
    return new Overview.Tile(
        "Do not trust the CA",
        PageText.number(devices),
        "devices, last 24 hours",
        new DeviceForm().with("failure", label).link(),
        tone(devices, all));
  }

  /** Zero is good only if something was seen. */
  private static String tone(long bad, long all) {
    return bad > 0 ? "bad" : all > 0 ? "good" : "calm";
  }

  private static String percent(long part, long all) {
    long tenths = Math.round(1000.0 * part / all);
    if (part > 0 && tenths == 0) {
      return "less than 0.1 %";
    }
    return tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + " %";
  }

  private static long all(Map<Verdict, Long> verdicts) {
    return verdicts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static List<Overview.Choice> spans(TimeRange chosen) {
    return Arrays.stream(TimeRange.values())
        .map(
            timeRange ->
                new Overview.Choice(
                    timeRange.label(),
                    "/?span=" + timeRange.word() + "#handshakes",
                    timeRange == chosen))
        .toList();
  }

  private static Chart chart(HandshakeTotals handshakeTotals) {
    TimeRange timeRange = handshakeTotals.span();
    List<Chart.Row> rows =
        handshakeTotals.stretches().stream()
            .map(
                each ->
                    new Chart.Row(
                        timeRange.name(each.from()),
                        List.of(each.legacy(), each.modern(), each.plaintext())))
            .toList();
    return new Chart("Handshakes in " + timeRange.unit(), "From (UTC)", SERIES, rows);
  }

  private String covers(TimeRange timeRange, Instant now) {
    return "Since "
        + PageText.minute(timeRange.from(now))
        + " UTC, in "
        + timeRange.unit()
        + "; the last one has not ended. From the inventory, for all daemons that share it, before"
        + " and after restarts; written every "
        + PageText.duration(sources.flushInterval())
        + ". Devices that are passed through count as they agreed.";
  }

  private static List<Overview.Share> shares(Map<Verdict, Long> verdicts) {
    long all = all(verdicts);
    List<Overview.Share> shares = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long devices = verdicts.getOrDefault(verdict, 0L);
      shares.add(
          new Overview.Share(
              VerdictLabels.of(verdict),
              VerdictLabels.tone(verdict),
              PageText.number(devices),
              all == 0 ? 0 : (int) Math.ceil(1000.0 * devices / all),
              devices == 0 ? "" : new DeviceForm().with("verdict", verdict.label()).link()));
    }
    return shares;
  }

  private static List<Overview.Mishap> mishaps(
      List<FactCount> counts, Instant now, boolean failures) {
    return counts.stream()
        .limit(MAX_ROWS)
        .map(
            each ->
                new Overview.Mishap(
                    PageText.visible(each.value()),
                    PageText.count(each.devices(), "device"),
                    PageText.ago(each.latest(), now),
                    failures
                        ? FailureRemedies.remedy(each.value())
                        : FailureRemedies.replyRemedy(each.value()),
                    failures ? new DeviceForm().with("failure", each.value()).link() : ""))
        .toList();
  }

  private List<Overview.End> endings(Instant now) {
    return ExpiringItem.nextFirst(sources.endings().get()).stream()
        .map(expiringItem -> end(expiringItem, now))
        .toList();
  }

  private static Overview.End end(ExpiringItem expiringItem, Instant now) {
    Duration left = Duration.between(now, expiringItem.at());
    boolean over = left.isNegative() || left.isZero();
    boolean near = left.compareTo(NEAR) <= 0;
    return new Overview.End(
        PageText.visible(expiringItem.what()),
        PageText.minute(expiringItem.at()) + " UTC",
        over
            ? "has ended"
            : left.toDays() == 0 ? "today" : "in " + PageText.count(left.toDays(), "day"),
        over ? "bad" : near ? "warn" : "good",
        near ? expiringItem.remedy() : "");
  }

  private static Overview.Date date(AffectedDevices affectedDevices, Instant now) {
    MicrosoftDate date = affectedDevices.date();
    return new Overview.Date(
        date.title(),
        when(date, LocalDate.ofInstant(now, ZoneOffset.UTC)),
        PageText.count(affectedDevices.devices(), "device"),
        new DeviceForm().with("search", date.search()).link(),
        date.advice(),
        date.source());
  }

  private static String when(MicrosoftDate date, LocalDate today) {
    if (today.isAfter(date.ends())) {
      return "since " + PageText.day(date.ends());
    }
    String left =
        " (" + PageText.count(ChronoUnit.DAYS.between(today, date.ends()), "day") + " left)";
    return date.begins().equals(date.ends())
        ? "end of " + PageText.day(date.ends()) + left
        : PageText.day(date.begins()) + " to " + PageText.day(date.ends()) + left;
  }
}
