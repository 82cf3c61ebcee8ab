package org.tlsuplift.server.http.pages;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FilterWords;

/** The form of the device list. */
final class DeviceForm {
  /** The numbers of devices on a page: the default needs little scrolling. */
  static final List<Integer> SIZES = List.of(50, 200, DeviceQuery.MAX_LIMIT);

  private static final List<String> FIELDS =
      List.of(
          "search",
          "subnet",
          "listener",
          "owner",
          "place",
          "tag",
          "reply",
          "failure",
          "ended",
          "need",
          "verdict",
          "version",
          "trust",
          "sort",
          "order",
          "size");

  /** The fields that filter the list. */
  private static final List<String> FILTERS = FIELDS.subList(0, 13);

  /** The problems of fields, if the parser's message is not for the page. */
  private static final Map<String, String> PROBLEMS =
      Map.of(
          "verdict", "there is no such verdict; choose one above the list",
          "ended", "only no is allowed",
          "version", "there is no such TLS version",
          "trust", "only no is allowed",
          "need", "there is no such need",
          "sort", "there is no such column",
          "order", "only asc and desc are allowed");

  /** The fields that a chip sets. */
  private static final List<String> CHIPS = FIELDS.subList(9, 13);

  private static final int MAX_TEXT = 255;

  /** Selects all devices. */
  static final ListForm ALL = new ListForm(Navigation.DEVICES.path(), FIELDS);

  private DeviceForm() {}

  /** The form of a request, without unknown parameters and the default size. */
  static ListForm of(Request request) {
    ListForm form = ALL.of(request);
    return form.value("size").equals(SIZES.get(0).toString())
        ? form.with("size", "").with("page", form.value("page"))
        : form;
  }

  /** Whether a field filters the list. */
  static boolean narrows(ListForm form) {
    return form.has(FILTERS);
  }

  /** A form without the fields that a chip sets. */
  static ListForm withoutChips(ListForm form) {
    ListForm without = form;
    for (String field : CHIPS) {
      without = without.with(field, "");
    }
    return without;
  }

  /** Whether two forms have the same chip. */
  static boolean haveSameChips(ListForm one, ListForm other) {
    return CHIPS.stream().allMatch(field -> one.value(field).equals(other.value(field)));
  }

  /** The fields that the page does not show, but sends again. */
  static List<String> hidden(ListForm form) {
    return Stream.concat(CHIPS.stream(), Stream.of("sort", "order"))
        .filter(form.values()::containsKey)
        .toList();
  }

  /** The query for the inventory, and the problems of invalid fields. */
  static Reading read(ListForm form) {
    Map<String, String> problems = new LinkedHashMap<>();
    DeviceFilter filter = DeviceFilter.ALL;
    for (String field : FILTERS) {
      DeviceFilter before = filter;
      filter = read(form, field, before, text -> before.narrowed(field, text), problems);
    }
    int size = form.number("size", SIZES.get(0), DeviceQuery.MAX_LIMIT, problems);
    int page = form.page(problems);
    DeviceSort sort =
        read(
            form,
            "sort",
            DeviceSort.VERDICT,
            word -> FilterWords.parse(DeviceSort.values(), word),
            problems);
    boolean descending = read(form, "order", false, DeviceSort::isDescending, problems);
    return new Reading(
        new DeviceQuery(filter, sort, descending, (page - 1) * size, size), page, problems);
  }

  private static <T> T read(
      ListForm form,
      String field,
      T none,
      Function<String, T> meaning,
      Map<String, String> problems) {
    return form.read(
        field,
        none,
        MAX_TEXT,
        text -> {
          try {
            return meaning.apply(text);
          } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                PROBLEMS.getOrDefault(field, String.valueOf(wrong.getMessage())), wrong);
          }
        },
        problems);
  }

  /**
   * The content of a form.
   *
   * @param query without the fields that have problems; the worst verdict first by default
   * @param page counted from 1
   * @param problems by field, each one line
   */
  record Reading(DeviceQuery query, int page, Map<String, String> problems) {}
}
