package org.tlsuplift.server.http.pages;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FilterWords;

/**
 * The fields of the device list's form. They are also the parameters of its address, so that people
 * can bookmark and send a list. Immutable.
 */
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
          "size",
          "page");

  /** The fields that filter the list. */
  private static final List<String> FILTERS = FIELDS.subList(0, 13);

  /** The problems of fields, if the parser's message is not for the page. */
  private static final Map<String, String> PROBLEMS =
      Map.of(
          "verdict", "there is no such verdict; choose one above the list",
          "ended", "only no is allowed",
          "version", "there is no such TLS version",
          "trust", "only no is allowed",
          "need", "there is no such need");

  /** The fields that a chip sets. */
  private static final List<String> CHIPS = FIELDS.subList(9, 13);

  private static final Optional<String> USUAL_SIZE = Optional.of(SIZES.get(0).toString());
  private static final int MAX_TEXT = 255;
  private static final int MAX_PAGE = 1_000_000;

  private final Map<String, String> values;

  /** Selects all devices. */
  DeviceForm() {
    this(Map.of());
  }

  private DeviceForm(Map<String, String> values) {
    this.values = values;
  }

  /** The form of a request, without unknown parameters and the default size. */
  static DeviceForm of(Request request) {
    DeviceForm form = new DeviceForm();
    for (String field : FIELDS) {
      Optional<String> value = request.parameter(field).map(String::strip);
      boolean usual = field.equals("size") && value.equals(USUAL_SIZE);
      if (value.isPresent() && !usual) {
        form = form.with(field, value.get());
      }
    }
    return form;
  }

  /** This form with another value; an empty value removes the field. Returns to the first page. */
  DeviceForm with(String field, String value) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    if (!field.equals("page")) {
      changed.remove("page");
    }
    if (value.isEmpty()) {
      changed.remove(field);
    } else {
      changed.put(field, value);
    }
    return new DeviceForm(changed);
  }

  /** The value of a field; empty for none. */
  String value(String field) {
    return values.getOrDefault(field, "");
  }

  /** Whether a field filters the list. */
  boolean narrows() {
    return FILTERS.stream().anyMatch(values::containsKey);
  }

  /** This form without the fields that a chip sets. */
  DeviceForm withoutChips() {
    DeviceForm form = this;
    for (String field : CHIPS) {
      form = form.with(field, "");
    }
    return form;
  }

  /** Whether another form has the same chip. */
  boolean hasSameChips(DeviceForm other) {
    return CHIPS.stream().allMatch(field -> value(field).equals(other.value(field)));
  }

  /** The fields that the page does not show, but sends again. */
  List<String> hidden() {
    return Stream.concat(CHIPS.stream(), Stream.of("sort", "order"))
        .filter(values::containsKey)
        .toList();
  }

  /** The address of the list. */
  String link() {
    return link("/devices");
  }

  /** The address of another path with the same parameters. */
  String link(String path) {
    String query =
        FIELDS.stream()
            .filter(values::containsKey)
            .map(field -> field + "=" + PageText.encoded(value(field)))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? path : path + "?" + query;
  }

  /** The query for the inventory, and the problems of invalid fields. */
  Reading read() {
    Map<String, String> problems = new LinkedHashMap<>();
    DeviceFilter filter = DeviceFilter.ALL;
    for (String field : FILTERS) {
      if (value(field).length() > MAX_TEXT) {
        problems.put(field, "no more than " + MAX_TEXT + " characters are allowed");
      } else if (!value(field).isEmpty()) {
        try {
          filter = filter.narrowed(field, value(field));
        } catch (IllegalArgumentException wrong) {
          problems.put(field, PROBLEMS.getOrDefault(field, String.valueOf(wrong.getMessage())));
        }
      }
    }
    int size = number("size", SIZES.get(0), DeviceQuery.MAX_LIMIT, problems);
    int page = number("page", 1, MAX_PAGE, problems);
    return new Reading(
        new DeviceQuery(filter, sort(problems), descending(problems), (page - 1) * size, size),
        page,
        problems);
  }

  /**
   * The content of a form.
   *
   * @param query without the fields that have problems
   * @param page counted from 1
   * @param problems by field, each one line
   */
  record Reading(DeviceQuery query, int page, Map<String, String> problems) {}

  /** The sort order of the list: the worst verdict first by default. */
  DeviceSort sort() {
    return sort(new LinkedHashMap<>());
  }

  private DeviceSort sort(Map<String, String> problems) {
    if (value("sort").isEmpty()) {
      return DeviceSort.VERDICT;
    }
    try {
      return FilterWords.parse(DeviceSort.values(), value("sort"));
    } catch (IllegalArgumentException wrong) {
      problems.put("sort", "there is no such column");
      return DeviceSort.VERDICT;
    }
  }

  boolean descending() {
    return value("order").equals("desc");
  }

  private boolean descending(Map<String, String> problems) {
    if (!List.of("", "asc", "desc").contains(value("order"))) {
      problems.put("order", "only asc and desc are allowed");
    }
    return descending();
  }

  private int number(String field, int none, int most, Map<String, String> problems) {
    if (value(field).isEmpty()) {
      return none;
    }
    try {
      int number = Integer.parseInt(value(field));
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException wrong) {
      // Reported below.
    }
    problems.put(field, "a number from 1 to " + most + " is allowed");
    return none;
  }
}
