package org.tlsuplift.server.http.pages;

import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.NavigationItem;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.NeedCount;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.readiness.BlockingDevice;
import org.tlsuplift.server.readiness.NeedTotals;
import org.tlsuplift.server.readiness.Readiness;
import org.tlsuplift.server.readiness.Scope;
import org.tlsuplift.server.readiness.SwitchOff;
import org.tlsuplift.server.readiness.SwitchOffQuery;
import org.tlsuplift.server.readiness.SwitchOffReport;
import org.tlsuplift.server.readiness.SwitchOffResult;
import org.tlsuplift.server.readiness.SwitchOffResults;

/**
 * The page about switching off, and its report. Thread-safe.
 *
 * @param readiness whether listeners could be modern; empty without an inventory
 * @param listeners their names, in the order of the configuration
 * @param version of the daemon
 */
public record SwitchOffPages(Optional<SwitchOff> readiness, List<String> listeners, String version)
    implements FeaturePages {
  private static final String OLD_TLS = "TLS 1.0 and 1.1";
  private static final String PATH = Navigation.SWITCH_OFF.path();
  private static final List<Chart.Series> SERIES =
      List.of(new Chart.Series("Devices that needed TLS Uplift", "legacy"));

  @Override
  public List<NavigationItem> navigation() {
    return List.of(Navigation.SWITCH_OFF);
  }

  @Override
  public Group group(PageRenderer renderer) {
    List<ResourcePath> routes = new ArrayList<>();
    routes.add(new ResourcePath(PATH, request -> renderer.ask(readiness, request, this::page)));
    for (String file : SwitchOffReport.FILES) {
      routes.add(
          new ResourcePath(
              PATH + "/" + file,
              request ->
                  renderer.ask(readiness, request, (source, asked, with) -> report(source, file))));
    }
    return new Group(routes, List.of());
  }

  private Response page(SwitchOff source, Request request, PageRenderer renderer)
      throws SQLException {
    SwitchOffPage page =
        read(
            source,
            request,
            renderer.frame(request, "Can it be switched off?", Navigation.SWITCH_OFF));
    return renderer.page("switchoff", page, page.problem().isEmpty() ? 200 : 400);
  }

  /** A file of the report, about all listeners and subnets. */
  private Response report(SwitchOff source, String file) throws SQLException {
    SwitchOffResults results = source.ask(new SwitchOffQuery(Optional.empty(), Optional.empty()));
    return Response.streamed(
            file.endsWith(".html") ? "text/html; charset=utf-8" : "text/csv; charset=utf-8",
            out -> {
              Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
              new SwitchOffReport(source, version).write(file, results, text);
              text.flush();
            })
        .asFile(file);
  }

  /** Reads the results; for an invalid query there are none. */
  private SwitchOffPage read(SwitchOff switchOff, Request request, PageFrame pageFrame)
      throws SQLException {
    String listener = request.parameter("listener").map(String::strip).orElse("");
    String subnet = request.parameter("subnet").map(String::strip).orElse("");
    try {
      SwitchOffQuery query =
          new SwitchOffQuery(
              Optional.of(listener).filter(name -> !name.isEmpty()),
              Optional.of(subnet).filter(block -> !block.isEmpty()).map(Cidr::parse));
      SwitchOffResults results = switchOff.ask(query);
      return page(results, switchOff.needs(query), listener, subnet, pageFrame);
    } catch (IllegalArgumentException wrong) {
      return new SwitchOffPage(
          pageFrame,
          "Switch off " + OLD_TLS,
          "",
          listener,
          subnet,
          PageText.visible(String.valueOf(wrong.getMessage())),
          ListParts.listeners(listeners, listener),
          "",
          List.of(),
          new Chart("", "", SERIES, List.of()),
          List.of(),
          List.of(),
          "");
    }
  }

  private SwitchOffPage page(
      SwitchOffResults results,
      NeedTotals totals,
      String listener,
      String subnet,
      PageFrame pageFrame) {
    boolean one = !subnet.isEmpty();
    ListForm form = DeviceForm.ALL.with("subnet", subnet);
    return new SwitchOffPage(
        pageFrame,
        answer(results.listeners(), listener),
        more(results),
        listener,
        subnet,
        "",
        ListParts.listeners(listeners, listener),
        rule(results.settings().rules()),
        totals.together().stream()
            .map(count -> group(count, form.with("listener", listener)))
            .toList(),
        progress(totals),
        results.listeners().stream()
            .map(each -> reply(each, results.at(), form, totals.byListener(), true))
            .toList(),
        results.subnets().stream()
            .map(
                each ->
                    reply(
                        each,
                        results.at(),
                        DeviceForm.ALL.with("listener", listener),
                        List.of(),
                        one))
            .toList(),
        results.moreSubnets() == 0
            ? ""
            : PageText.count(results.moreSubnets(), "more subnet")
                + ": enter the address of one above.");
  }

  private static String answer(List<SwitchOffResult> listeners, String asked) {
    List<SwitchOffResult> old =
        listeners.stream().filter(each -> !each.scope().isModern()).toList();
    long ready = old.stream().filter(each -> each.answer() == Readiness.YES).count();
    if (!asked.isEmpty() && !old.isEmpty()) {
      return ready == 0
          ? OLD_TLS + " cannot be switched off on listener " + asked + " yet"
          : OLD_TLS + " can be switched off on listener " + asked;
    }
    return old.isEmpty()
        ? OLD_TLS
            + " are switched off on "
            + (asked.isEmpty() ? "all listeners" : "listener " + asked)
        : "%s can be switched off on %s of %s"
            .formatted(OLD_TLS, PageText.number(ready), PageText.count(old.size(), "listener"));
  }

  private static String more(SwitchOffResults results) {
    long modern = results.listeners().stream().filter(each -> each.scope().isModern()).count();
    String already =
        modern == 0
            ? ""
            : modern == 1
                ? " 1 listener has it already."
                : " " + modern + " listeners have it already.";
    return "When no device of a listener has needed TLS below 1.2 for %s, set profile: modern on it.%s"
        .formatted(days(results.settings().rules().notSeenAfter()), already);
  }

  private static String rule(VerdictRules rules) {
    return "Yes: the daemon has watched for %s, and no device needed more than a listener with profile: modern offers. No: a device needed more in the last %s. Not yet: neither. A listener with profile: modern shows Yes, or how many devices it refuses."
        .formatted(days(rules.notSeenAfter()), days(rules.readyAfter()));
  }

  private static String days(Duration time) {
    return PageText.count(time.toDays(), "day");
  }

  private static SwitchOffPage.NeedGroup group(NeedCount count, ListForm form) {
    return new SwitchOffPage.NeedGroup(
        PageText.count(count.devices(), "device"),
        form(count, form).link(),
        PageText.sentence(NeedText.chip(count.need(), count.newest())),
        PageText.sentence(NeedText.remedy(count.need())) + ".");
  }

  private static ListForm form(NeedCount count, ListForm form) {
    return form.with("need", count.need().label())
        .with("version", count.newest().map(TlsVersion::label).orElse(""));
  }

  /** All days from the first day with a device. */
  private static Chart progress(NeedTotals totals) {
    Map<LocalDate, Long> known =
        totals.days().stream().collect(Collectors.toMap(DayCount::day, DayCount::devices));
    List<Chart.Row> rows =
        totals.days().isEmpty()
            ? List.of()
            : totals
                .days()
                .get(0)
                .day()
                .datesUntil(totals.today().plusDays(1))
                .map(day -> new Chart.Row(day.toString(), List.of(known.getOrDefault(day, 0L))))
                .toList();
    return new Chart("Devices that needed TLS Uplift on each day", "Day (UTC)", SERIES, rows);
  }

  /**
   * Makes the texts of a result.
   *
   * @param form selects the devices of the rest of the query
   * @param counts the needs of all listeners
   * @param each whether each device is shown
   */
  private static SwitchOffPage.Reply reply(
      SwitchOffResult result, Instant now, ListForm form, List<NeedCount> counts, boolean each) {
    Scope scope = result.scope();
    String name = scope.name();
    ListForm here = form.with(scope.isListener() ? "listener" : "subnet", name);
    int listed = each ? result.blockingDevices().size() : 0;
    return new SwitchOffPage.Reply(
        name,
        scope.isListener() ? "profile " + scope.profile() : "",
        word(result),
        tone(result),
        PageText.whole(result.because()),
        PageText.number(result.devices()),
        PageText.number(result.standing()),
        here.link(),
        each ? "" : here.link(PATH),
        counts.stream()
            .filter(count -> count.listener().equals(name))
            .map(
                count ->
                    new Chip(
                        NeedText.chip(count.need(), count.newest()),
                        PageText.number(count.devices()),
                        form(count, here).link(),
                        "bad",
                        false))
            .toList(),
        result.blockingDevices().stream()
            .limit(listed)
            .map(device -> against(device, !scope.isListener(), now))
            .toList(),
        result.more() > 0
            ? "The latest " + listed + " of " + PageText.count(result.standing(), "device")
            : PageText.count(result.standing(), "device"),
        result.incomplete().stream().map(PageText::whole).toList(),
        scope.isListener() && !scope.isModern() && result.answer() == Readiness.YES
            ? "listeners:\n  - name: " + name + "\n    profile: modern"
            : "");
  }

  private static String word(SwitchOffResult result) {
    if (result.isRefusing()) {
      return "Refuses " + PageText.count(result.standing(), "device");
    }
    return switch (result.answer()) {
      case YES -> "Yes";
      case NOT_YET -> "Not yet";
      case NO -> "No";
    };
  }

  private static String tone(SwitchOffResult result) {
    return result.isRefusing()
        ? "bad"
        : switch (result.answer()) {
          case YES -> "good";
          case NOT_YET -> "warn";
          case NO -> "bad";
        };
  }

  private static SwitchOffPage.Against against(
      BlockingDevice blockingDevice, boolean where, Instant now) {
    DeviceRecord device = blockingDevice.device();
    return new SwitchOffPage.Against(
        PageText.visible(device.address()),
        DeviceListReader.link(device.address()),
        PageText.visible(device.label()),
        blockingDevice.needs().stream()
            .map(
                need ->
                    NeedText.chip(need.need(), Optional.ofNullable(device.tooOld()))
                        + (where ? " at " + need.listener() : ""))
            .distinct()
            .collect(Collectors.joining(", ")),
        When.of(blockingDevice.latestNeed(), now));
  }
}
