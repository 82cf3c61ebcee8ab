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
import org.tlsuplift.server.insight.overview.Concern;
import org.tlsuplift.server.insight.overview.Ending;
import org.tlsuplift.server.insight.overview.Handshakes;
import org.tlsuplift.server.insight.overview.MicrosoftDate;
import org.tlsuplift.server.insight.overview.Seen;
import org.tlsuplift.server.insight.overview.Span;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Verdict;

/** Reads what the overview shows. */
final class OverviewReader {
  /** How long before an end it is shown as near. */
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

  /** Reads it; what is not from the inventory is there without one. */
  Overview read(Span span, Frame frame) {
    Instant now = sources.clock().instant();
    if (sources.inventory().isEmpty()) {
      return without(
          span,
          frame,
          now,
          "No inventory is kept: inventory.enabled is false in the configuration.");
    }
    try {
      return with(sources.inventory().get(), span, frame, now);
    } catch (SQLException failed) {
      return without(span, frame, now, Trouble.of(failed));
    }
  }

  private Overview without(Span span, Frame frame, Instant now, String trouble) {
    return new Overview(
        frame,
        trouble,
        List.of(),
        "",
        List.of(sessions()),
        spans(span),
        span,
        new Chart("", "", SERIES, List.of()),
        "",
        List.of(),
        List.of(),
        List.of(),
        endings(now),
        List.of());
  }

  private Overview with(Inventory inventory, Span span, Frame frame, Instant now)
      throws SQLException {
    Seen seen = new Seen(inventory, now);
    Handshakes handshakes = seen.handshakes(span);
    Map<Verdict, Long> verdicts = seen.verdicts();
    List<FactCount> failures = seen.failures();
    return new Overview(
        frame,
        null,
        all(verdicts) == 0 ? sources.waysIn() : List.of(),
        Text.duration(sources.flushInterval()),
        List.of(need(verdicts), legacy(handshakes), distrust(failures, all(verdicts)), sessions()),
        spans(span),
        span,
        chart(handshakes),
        covers(span, now),
        shares(verdicts),
        mishaps(failures, now, true),
        mishaps(seen.refusals(), now, false),
        endings(now),
        seen.concerns().stream().map(each -> date(each, now)).toList());
  }

  private Overview.Tile sessions() {
    return new Overview.Tile(
        "Sessions now", Text.number(sources.sessions().getAsInt()), "of this daemon", "", "calm");
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
        Text.number(need),
        "of " + Text.count(all, "device") + " ever seen",
        new DeviceForm().with("verdict", VerdictWords.NEEDS_UPGRADE).link(),
        tone(need, all));
  }

  private static Overview.Tile legacy(Handshakes handshakes) {
    long legacy = handshakes.sum(Handshakes.Stretch::legacy);
    long all = legacy + handshakes.sum(Handshakes.Stretch::modern);
    String share =
        all == 0 ? "no handshakes at all" : percent(legacy, all) + " of " + Text.number(all);
    return new Overview.Tile(
        "Legacy handshakes",
        Text.number(legacy),
        handshakes.span().label().toLowerCase(Locale.ROOT) + ": " + share,
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
        Text.number(devices),
        "devices, last 24 hours",
        new DeviceForm().with("failure", label).link(),
        tone(devices, all));
  }

  /** Nothing is good only when something was seen. */
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

  private static List<Overview.Choice> spans(Span chosen) {
    return Arrays.stream(Span.values())
        .map(
            span ->
                new Overview.Choice(
                    span.label(), "/?span=" + span.word() + "#handshakes", span == chosen))
        .toList();
  }

  private static Chart chart(Handshakes handshakes) {
    Span span = handshakes.span();
    List<Chart.Row> rows =
        handshakes.stretches().stream()
            .map(
                each ->
                    new Chart.Row(
                        span.name(each.from()),
                        List.of(each.legacy(), each.modern(), each.plaintext())))
            .toList();
    return new Chart("Handshakes in " + span.unit(), "From (UTC)", SERIES, rows);
  }

  private String covers(Span span, Instant now) {
    return "Since "
        + Text.minute(span.from(now))
        + " UTC, in "
        + span.unit()
        + "; the last one has not ended. From the inventory, for all daemons that share it, before"
        + " and after restarts; written every "
        + Text.duration(sources.flushInterval())
        + ". Devices that are passed through count as they agreed.";
  }

  private static List<Overview.Share> shares(Map<Verdict, Long> verdicts) {
    long all = all(verdicts);
    List<Overview.Share> shares = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long devices = verdicts.getOrDefault(verdict, 0L);
      shares.add(
          new Overview.Share(
              VerdictWords.of(verdict),
              VerdictWords.tone(verdict),
              Text.number(devices),
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
                    Text.visible(each.value()),
                    Text.count(each.devices(), "device"),
                    Text.ago(each.latest(), now),
                    failures
                        ? FailureWords.remedy(each.value())
                        : FailureWords.replyRemedy(each.value()),
                    failures ? new DeviceForm().with("failure", each.value()).link() : ""))
        .toList();
  }

  private List<Overview.End> endings(Instant now) {
    return Ending.nextFirst(sources.endings().get()).stream()
        .map(ending -> end(ending, now))
        .toList();
  }

  private static Overview.End end(Ending ending, Instant now) {
    Duration left = Duration.between(now, ending.at());
    boolean over = left.isNegative() || left.isZero();
    boolean near = left.compareTo(NEAR) <= 0;
    return new Overview.End(
        Text.visible(ending.what()),
        Text.minute(ending.at()) + " UTC",
        over
            ? "has ended"
            : left.toDays() == 0 ? "today" : "in " + Text.count(left.toDays(), "day"),
        over ? "bad" : near ? "warn" : "good",
        near ? ending.remedy() : "");
  }

  private static Overview.Date date(Concern concern, Instant now) {
    MicrosoftDate date = concern.date();
    return new Overview.Date(
        date.title(),
        when(date, LocalDate.ofInstant(now, ZoneOffset.UTC)),
        Text.count(concern.devices(), "device"),
        new DeviceForm().with("search", date.search()).link(),
        date.advice(),
        date.source());
  }

  private static String when(MicrosoftDate date, LocalDate today) {
    if (today.isAfter(date.ends())) {
      return "since " + Text.day(date.ends());
    }
    String left = " (" + Text.count(ChronoUnit.DAYS.between(today, date.ends()), "day") + " left)";
    return date.begins().equals(date.ends())
        ? "end of " + Text.day(date.ends()) + left
        : Text.day(date.begins()) + " to " + Text.day(date.ends()) + left;
  }
}
