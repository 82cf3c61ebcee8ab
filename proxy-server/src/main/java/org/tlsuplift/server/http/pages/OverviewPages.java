package org.tlsuplift.server.http.pages;

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
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.readiness.ActivitySnapshot;
import org.tlsuplift.server.readiness.ActivitySnapshot.AffectedDevices;
import org.tlsuplift.server.readiness.ConfigurationState;
import org.tlsuplift.server.readiness.ExpiringItem;
import org.tlsuplift.server.readiness.HandshakeTotals;
import org.tlsuplift.server.readiness.MicrosoftDate;
import org.tlsuplift.server.readiness.TimeRange;

/**
 * The overview.
 *
 * @param inventory of the devices; empty without one
 * @param downloaded when somebody last downloaded a certificate; empty if nobody has
 */
public record OverviewPages(
    Daemon daemon,
    Optional<Inventory> inventory,
    WaysIn waysIn,
    Incidents incidents,
    AcknowledgementForms acknowledgements,
    Supplier<Optional<Instant>> downloaded)
    implements FeaturePages {
  private static final int MAX_ROWS = 12;

  static final List<Chart.Series> SERIES =
      List.of(
          new Chart.Series("Legacy, below TLS 1.2", "legacy"),
          new Chart.Series("Modern, TLS 1.2 and 1.3", "modern"),
          new Chart.Series("Without TLS", "plaintext"));

  /**
   * What the overview says about the daemon.
   *
   * @param sessions the number of open sessions
   * @param configuration the configuration in use, and the result of the latest reload
   * @param instances those that share the database; empty without one
   * @param flushInterval how often the inventory is written
   */
  public record Daemon(
      IntSupplier sessions,
      Supplier<ConfigurationState> configuration,
      Supplier<List<Instance>> instances,
      Duration flushInterval) {}

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.OVERVIEW);
  }

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(
            new ResourcePath(
                Navigation.OVERVIEW.path(),
                request ->
                    renderer.page(
                        "overview",
                        read(
                            TimeRange.of(request.parameter("span").orElse("")),
                            PageHost.of(request).forDevices(),
                            renderer.frame(request, "Overview", Navigation.OVERVIEW),
                            acknowledgements.onPage(renderer, request),
                            renderer.now())))),
        List.of());
  }

  /**
   * Reads the overview; without an inventory, only the data from other sources.
   *
   * @param host the name by which the reader reached this machine; empty if devices cannot use it
   */
  private Overview read(
      TimeRange timeRange,
      String host,
      PageFrame pageFrame,
      AcknowledgementForms.OnPage forms,
      Instant now) {
    if (inventory.isEmpty()) {
      return page(
          pageFrame,
          forms,
          now,
          "No inventory is kept: inventory.enabled is false in the configuration.",
          null);
    }
    try {
      Overview.Devices devices = devices(inventory.get(), timeRange, host, forms, now);
      return page(pageFrame, forms, now, null, devices);
    } catch (SQLException failed) {
      return page(pageFrame, forms, now, PageText.unreadable(failed), null);
    }
  }

  private Overview page(
      PageFrame pageFrame,
      AcknowledgementForms.OnPage forms,
      Instant now,
      @Nullable String trouble,
      Overview.@Nullable Devices devices) {
    return new Overview(
        pageFrame,
        incidents.at(now),
        reload(),
        trouble,
        devices,
        sessions(),
        ExpiringSoon.of(acknowledgements.expiring().get(), forms, now),
        InstanceRow.of(daemon.instances().get()),
        now);
  }

  private Overview.Devices devices(
      Inventory inventory,
      TimeRange timeRange,
      String host,
      AcknowledgementForms.OnPage forms,
      Instant now)
      throws SQLException {
    ActivitySnapshot activitySnapshot = new ActivitySnapshot(inventory, now);
    HandshakeTotals handshakes = activitySnapshot.handshakes(timeRange).withoutEmptyStart();
    List<DeviceGroup> groups = inventory.groups(DeviceFilter.ALL);
    DeviceTotals totals = DeviceTotals.of(groups);
    FirstSteps first = totals.all() > 1 ? null : firstSteps(inventory, host, now);
    return new Overview.Devices(
        totals,
        shares(groups),
        totals.all() == 0 ? List.of() : DeviceChips.of(groups),
        first == null || first.working()
            ? NextSteps.of(
                groups,
                problems(activitySnapshot),
                ExpiringItem.nextFirst(acknowledgements.expiring().get()).stream()
                    .filter(item -> forms.of(AcknowledgementForms.of(item)).known() == null)
                    .toList(),
                now)
            : List.of(),
        first,
        spans(timeRange),
        chart(handshakes),
        legacy(handshakes),
        covers(handshakes),
        mishaps(activitySnapshot.failures(), ProblemText::ofFailure, now),
        mishaps(activitySnapshot.refusals(), ProblemText::ofReply, now),
        activitySnapshot.concerns(waysIn.signInListeners()).stream()
            .map(each -> date(each, now))
            .toList());
  }

  /** The most common open problem of each kind. */
  private static List<NextSteps.Problem> problems(ActivitySnapshot activitySnapshot)
      throws SQLException {
    List<NextSteps.Problem> problems = new ArrayList<>();
    for (FactKind kind : List.of(FactKind.FAILURE, FactKind.REPLY)) {
      Optional<FactCount> first =
          activitySnapshot.openProblems(kind).stream()
              .filter(problem -> ProblemText.hasStep(problem.value()))
              .findFirst();
      if (first.isPresent()) {
        problems.add(
            new NextSteps.Problem(
                kind, first.get(), activitySnapshot.origins(kind, first.get().value())));
      }
    }
    return problems;
  }

  private FirstSteps firstSteps(Inventory inventory, String host, Instant now) throws SQLException {
    DeviceRecord only =
        inventory
            .devices(new DeviceQuery(DeviceFilter.ALL, DeviceSort.LAST_SEEN, true, 0, 1))
            .devices()
            .stream()
            .findFirst()
            .orElse(null);
    return FirstSteps.of(
        only,
        only != null
            && incidents.outages().get().stream()
                .anyMatch(outage -> only.destinations().contains(outage.origin().toString())),
        downloaded.get(),
        waysIn.settings(host),
        PageText.duration(daemon.flushInterval()),
        now);
  }

  private Overview.Reload reload() {
    ConfigurationState state = daemon.configuration().get();
    int reloads = state.generation() - 1;
    return new Overview.Reload(
        "The configuration was loaded at %s UTC%s%s"
            .formatted(
                PageText.minute(state.loadedAt()),
                reloads == 0
                    ? ", when the daemon started."
                    : ", by reload " + reloads + " since the start.",
                earlier(state.earlierSessions())),
        state.problems().stream().map(PageText::visible).toList());
  }

  private static String earlier(int sessions) {
    return sessions == 0
        ? ""
        : " Open sessions that still use an earlier one: " + PageText.number(sessions) + ".";
  }

  private String sessions() {
    int sessions = daemon.sessions().getAsInt();
    return PageText.count(sessions, "session") + (sessions == 1 ? " is" : " are") + " open now.";
  }

  private static String legacy(HandshakeTotals handshakes) {
    long legacy = handshakes.sum(HandshakeTotals.Stretch::legacy);
    long all = legacy + handshakes.sum(HandshakeTotals.Stretch::modern);
    String span = handshakes.span().label().toLowerCase(Locale.ROOT);
    return all == 0
        ? "No handshakes in the " + span + "."
        : "%s of %s in the %s%s"
            .formatted(
                percent(legacy, all),
                PageText.count(all, "handshake"),
                span,
                legacy == 1 ? " was legacy." : " were legacy.");
  }

  private static String percent(long part, long all) {
    long tenths = Math.round(1000.0 * part / all);
    if (part > 0 && tenths == 0) {
      return "Less than 0.1 %";
    }
    return tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + " %";
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

  private static Chart chart(HandshakeTotals handshakes) {
    TimeRange timeRange = handshakes.span();
    List<Chart.Row> rows =
        handshakes.stretches().stream()
            .map(
                each ->
                    new Chart.Row(
                        timeRange.name(each.from()),
                        List.of(each.legacy(), each.modern(), each.plaintext())))
            .toList();
    return new Chart("Handshakes in " + timeRange.unit(), "From (UTC)", SERIES, rows);
  }

  private String covers(HandshakeTotals handshakes) {
    return "In %s since %s UTC. The last bar is not complete. All daemons that share the inventory are counted, before and after restarts. They write every %s."
        .formatted(
            handshakes.span().unit(),
            PageText.minute(handshakes.from()),
            PageText.duration(daemon.flushInterval()));
  }

  /** The devices that need the upgrade, those that are ready, and the others. */
  private static List<Overview.Share> shares(List<DeviceGroup> groups) {
    long all = DeviceTotals.of(groups).all();
    Map<String, Long> tones =
        groups.stream()
            .collect(
                Collectors.groupingBy(
                    group -> VerdictLabels.tone(group.verdict()),
                    Collectors.summingLong(DeviceGroup::devices)));
    List<Overview.Share> shares = new ArrayList<>();
    long before = 0;
    for (String tone : List.of("bad", "good", "calm")) {
      long devices = tones.getOrDefault(tone, 0L);
      if (devices > 0) {
        long from = 1000 * before / all;
        before += devices;
        shares.add(new Overview.Share(tone, from, Math.max(1, 1000 * before / all - from)));
      }
    }
    return shares;
  }

  private static List<Overview.Mishap> mishaps(
      List<FactCount> counts, Function<String, ProblemText> problem, Instant now) {
    return counts.stream()
        .limit(MAX_ROWS)
        .map(
            each ->
                new Overview.Mishap(
                    problem.apply(each.value()),
                    PageText.count(each.devices(), "device"),
                    When.of(each.latest(), now),
                    DeviceForm.ALL.with("failure", each.value()).link()))
        .toList();
  }

  private static Overview.Date date(AffectedDevices affectedDevices, Instant now) {
    MicrosoftDate date = affectedDevices.date();
    return new Overview.Date(
        date.title(),
        when(date, LocalDate.ofInstant(now, ZoneOffset.UTC)),
        PageText.count(affectedDevices.devices(), "device"),
        DeviceForm.ALL.with("search", date.search()).link(),
        date.advice(),
        date.source());
  }

  private static String when(MicrosoftDate date, LocalDate today) {
    return today.isAfter(date.ends())
        ? date.announced() + " (has passed)"
        : "%s (%s left)"
            .formatted(
                date.announced(),
                PageText.count(ChronoUnit.DAYS.between(today, date.ends()), "day"));
  }
}
