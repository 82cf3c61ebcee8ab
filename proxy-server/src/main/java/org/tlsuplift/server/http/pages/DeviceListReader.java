package org.tlsuplift.server.http.pages;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Inventory;

/** Reads the content of the device list. */
record DeviceListReader(List<String> listeners) {
  /** Columns whose first sort is descending. */
  private static final List<DeviceSort> GREATEST_FIRST =
      List.of(DeviceSort.LAST_SEEN, DeviceSort.SESSIONS, DeviceSort.FAILURES);

  /** Reads the list; it is empty if the form has problems. */
  DeviceListPage read(Inventory inventory, ListForm form, PageFrame pageFrame, Instant now)
      throws SQLException {
    DeviceForm.Reading asked = DeviceForm.read(form);
    boolean sound = asked.problems().isEmpty();
    DevicePage page =
        sound ? inventory.devices(asked.query()) : new DevicePage(List.of(), 0, false, false);
    List<DeviceGroup> groups =
        sound
            ? inventory.groups(DeviceForm.read(DeviceForm.withoutChips(form)).query().filter())
            : List.of();
    return new DeviceListPage(
        pageFrame,
        form,
        asked.problems(),
        groups.isEmpty() ? List.of() : DeviceChips.of(groups, form),
        note(asked.query().filter()),
        ListParts.listeners(listeners, form.value("listener")),
        DeviceListPage.Option.of(
            DeviceForm.SIZES.stream().map(String::valueOf),
            String.valueOf(asked.query().limit()),
            size -> PageText.number(Long.parseLong(size))),
        problems(inventory, FactKind.FAILURE, form.value("failure")),
        problems(inventory, FactKind.REPLY, form.value("reply")),
        sound
            ? summary(asked, page, DeviceForm.narrows(form))
            : "Nothing is listed: correct the form.",
        columns(form, asked.query(), page),
        page.owners(),
        page.places(),
        page.devices().stream().map(device -> row(device, form, now)).toList(),
        ListParts.steps(
            asked.page(),
            asked.query().limit(),
            page.total(),
            number -> form.onPage(number).link()),
        sound ? form.with("size", "").link("/devices.csv") : "",
        sound ? form.with("size", "").link("/devices.json") : "");
  }

  /** Describes a condition that has no field. */
  private static String note(DeviceFilter filter) {
    return Stream.concat(
            filter
                .failure()
                .map(
                    label ->
                        (filter.stillFailing()
                                ? "that still have this problem: "
                                : "that ever had this problem: ")
                            + ProblemText.of(label).words())
                .stream(),
            filter
                .need()
                .map(need -> "that recently needed this: " + NeedText.words(need))
                .stream())
        .collect(Collectors.joining(", and "));
  }

  /** The problems that devices had, the most common first, and the chosen one. */
  private static List<DeviceListPage.Option> problems(
      Inventory inventory, FactKind kind, String chosen) throws SQLException {
    return DeviceListPage.Option.of(
        Stream.concat(
            Stream.of("", chosen),
            inventory.counts(kind, Instant.EPOCH).stream().map(FactCount::value)),
        chosen,
        label -> PageText.shortened(PageText.visible(ProblemText.of(label).words())));
  }

  private static String summary(DeviceForm.Reading asked, DevicePage page, boolean narrowed) {
    if (page.total() == 0) {
      return narrowed ? "No device matches." : "No device has been seen yet.";
    }
    return ListParts.summary(
        "device", asked.page(), asked.query().limit(), page.devices().size(), page.total());
  }

  /** Owner and place are columns if a device has one, on this page of the list or another. */
  private static List<DeviceListPage.Column> columns(
      ListForm form, DeviceQuery query, DevicePage page) {
    List<DeviceListPage.Column> columns = new ArrayList<>();
    columns.add(column(form, query, "Name", DeviceSort.NAME, false, false));
    columns.add(column(form, query, "Address", DeviceSort.ADDRESS, false, false));
    if (page.owners()) {
      columns.add(column(form, query, "Owner", DeviceSort.OWNER, false, false));
    }
    if (page.places()) {
      columns.add(column(form, query, "Place", DeviceSort.PLACE, false, false));
    }
    columns.add(new DeviceListPage.Column("Latest problem", "", "", false, false));
    columns.add(column(form, query, "Last seen", DeviceSort.LAST_SEEN, false, false));
    columns.add(column(form, query, "Sessions", DeviceSort.SESSIONS, true, true));
    columns.add(column(form, query, "Failures", DeviceSort.FAILURES, true, true));
    columns.add(new DeviceListPage.Column("Listeners", "", "", false, true));
    columns.add(column(form, query, "State", DeviceSort.VERDICT, false, false));
    return columns;
  }

  private static DeviceListPage.Column column(
      ListForm form,
      DeviceQuery query,
      String label,
      DeviceSort sort,
      boolean figures,
      boolean detail) {
    boolean sorted = query.sort() == sort;
    boolean next = sorted ? !query.descending() : GREATEST_FIRST.contains(sort);
    return new DeviceListPage.Column(
        label,
        form.with("sort", sort.label()).with("order", next ? "desc" : "asc").link(),
        !sorted ? "" : query.descending() ? "descending" : "ascending",
        figures,
        detail);
  }

  private static DeviceListPage.Row row(DeviceRecord device, ListForm form, Instant now) {
    return new DeviceListPage.Row(
        PageText.visible(device.address()),
        link(device.address()),
        PageText.shortened(PageText.visible(device.label())),
        PageText.visible(device.notes().owner()),
        PageText.visible(device.notes().place()),
        device.notes().tags().stream()
            .map(tag -> new DeviceListPage.Step(tag, form.with("tag", tag).link()))
            .toList(),
        DeviceChips.of(device, form),
        problem(device, now),
        When.of(device.lastSeen(), now),
        PageText.number(device.sessions()),
        PageText.number(device.failures()),
        PageText.visible(String.join(", ", device.listeners())));
  }

  /** The latest failure or refusal; null for none, or if the device's chip says it. */
  private static DeviceListPage.@Nullable Problem problem(DeviceRecord device, Instant now) {
    return device
        .latestProblem()
        .filter(problem -> !isShownByItsChip(device, problem))
        .map(
            problem ->
                new DeviceListPage.Problem(
                    ProblemText.of(problem.problem()).words()
                        + (problem.ended() ? DeviceProblem.ENDED : ""),
                    When.of(problem.lastSeen(), now)))
        .orElse(null);
  }

  private static boolean isShownByItsChip(DeviceRecord device, DeviceProblem problem) {
    return device.isRefusingCa() && problem.problem().equals(Failures.DISTRUST);
  }

  static String link(String address) {
    return "/devices/" + PageText.encoded(address);
  }
}
