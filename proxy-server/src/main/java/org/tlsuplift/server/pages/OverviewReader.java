package org.tlsuplift.server.pages;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.tlsuplift.proxy.session.HandshakeOutcome;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.Verdict;

/** Reads what the overview shows. */
final class OverviewReader {
  /** How long before an end it is shown as near. */
  private static final Duration NEAR = Duration.ofDays(30);

  private static final Duration OF_LATE = Duration.ofHours(24);
  private static final Duration CONCERNED = Duration.ofDays(30);
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
    Chart chart = chart(inventory, span, now);
    Map<Verdict, Long> verdicts = inventory.verdicts(DeviceFilter.ALL);
    List<FactCount> failures = inventory.counts(FactKind.FAILURE, now.minus(OF_LATE));
    return new Overview(
        frame,
        null,
        List.of(need(verdicts), legacy(chart, span), distrust(failures), sessions()),
        spans(span),
        span,
        chart,
        covers(span, now),
        shares(verdicts),
        mishaps(failures, now, true),
        mishaps(inventory.counts(FactKind.REPLY, now.minus(OF_LATE)), now, false),
        endings(now),
        dates(inventory, now));
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
        need > 0 ? "bad" : "good");
  }

  private static Overview.Tile legacy(Chart chart, Span span) {
    long legacy = chart.sum(0);
    long all = legacy + chart.sum(1);
    String share =
        all == 0 ? "no handshakes at all" : percent(legacy, all) + " of " + Text.number(all);
    return new Overview.Tile(
        "Legacy handshakes",
        Text.number(legacy),
        span.label().toLowerCase(Locale.ROOT) + ": " + share,
        "#handshakes",
        legacy > 0 ? "bad" : "good");
  }

  private static Overview.Tile distrust(List<FactCount> failures) {
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
        devices > 0 ? "bad" : "good");
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

  private static Chart chart(Inventory inventory, Span span, Instant now) throws SQLException {
    Instant from = span.from(now);
    long[][] sums = new long[span.stretches()][SERIES.size()];
    for (ListenerTotal total : inventory.totals(span.read(), from, now.plus(span.read()))) {
      int index = span.index(from, total.start());
      if (index < sums.length) {
        sums[index][0] += total.legacyHandshakes();
        sums[index][1] += total.modernHandshakes();
        sums[index][2] += total.plaintextSessions();
      }
    }
    List<Chart.Row> rows =
        IntStream.range(0, sums.length)
            .mapToObj(
                i -> new Chart.Row(span.name(from, i), Arrays.stream(sums[i]).boxed().toList()))
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
    return sources.endings().get().stream()
        .sorted(Comparator.comparing(Ending::at))
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

  private static List<Overview.Date> dates(Inventory inventory, Instant now) throws SQLException {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    List<Overview.Date> dates = new ArrayList<>();
    for (MicrosoftDate date : MicrosoftDate.ALL) {
      long devices =
          inventory.devices(FactKind.DESTINATION, date.destinations(), now.minus(CONCERNED));
      if (devices > 0) {
        dates.add(
            new Overview.Date(
                date.title(),
                date.when(today),
                Text.count(devices, "device"),
                new DeviceForm().with("search", date.search()).link(),
                date.advice(),
                date.source()));
      }
    }
    return dates;
  }
}
