package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.console.PageFrame;

/**
 * The texts of the device list.
 *
 * @param frame around it
 * @param form the fields of the request
 * @param problems of the form, by field
 * @param chips to filter by
 * @param note the condition of a link from another page, in words; may be empty
 * @param listeners to choose from
 * @param sizes to choose from
 * @param failures to choose from
 * @param replies to choose from
 * @param summary the number of devices, in words
 * @param columns headings of the table
 * @param owners whether the table shows the owners
 * @param places whether the table shows places and tags
 * @param rows of the table
 * @param pages links to other pages of the list
 * @param csv address of the same list as CSV
 * @param json address of the same list as JSON
 */
record DeviceListPage(
    PageFrame frame,
    ListForm form,
    Map<String, String> problems,
    List<Chip> chips,
    String note,
    List<Option> listeners,
    List<Option> sizes,
    List<Option> failures,
    List<Option> replies,
    String summary,
    List<Column> columns,
    boolean owners,
    boolean places,
    List<Row> rows,
    List<Step> pages,
    String csv,
    String json) {
  /**
   * A choice in a field.
   *
   * @param value the value that the browser sends
   * @param label the text that the browser shows
   * @param chosen whether it is chosen
   */
  record Option(String value, String label, boolean chosen) {
    /** The options for these values; an empty value stands for any. */
    static List<Option> of(Stream<String> values, String chosen, UnaryOperator<String> label) {
      return values
          .distinct()
          .map(
              value ->
                  new Option(
                      value, value.isEmpty() ? "any" : label.apply(value), value.equals(chosen)))
          .toList();
    }
  }

  /**
   * A heading.
   *
   * @param link the address of the list, sorted by this column; empty if the list cannot be sorted
   *     by it
   * @param order {@code ascending}, {@code descending}, or empty when it is not sorted by it
   * @param figures whether the column has numbers
   * @param detail whether narrow screens hide it
   */
  record Column(String label, String link, String order, boolean figures, boolean detail) {}

  /**
   * A device.
   *
   * @param link the address of its page
   * @param name its configured name, or the name that it sent
   * @param tags with the lists of devices that have them too
   * @param problem the latest problem, or null
   */
  record Row(
      String address,
      String link,
      String name,
      String owner,
      String place,
      List<Step> tags,
      List<Chip> chips,
      @Nullable Problem problem,
      When lastSeen,
      String sessions,
      String failures,
      String listeners) {}

  /** The latest problem of a device, in words. */
  record Problem(String words, When when) {}

  /**
   * A link to another page of the list.
   *
   * @param link its address; empty for the current page
   */
  record Step(String label, String link) {}

  /** The fields that are not always visible. */
  private static final List<String> MORE =
      List.of("owner", "place", "tag", "failure", "reply", "ended", "subnet", "listener", "size");

  /** Whether a field filters the list. */
  boolean narrows() {
    return DeviceForm.narrows(form);
  }

  /** The fields that the page does not show, but sends again. */
  List<String> hidden() {
    return DeviceForm.hidden(form);
  }

  /** The problem of a field; empty for none. */
  String problem(String field) {
    return problems.getOrDefault(field, "");
  }

  /** Whether a field is set that is not always visible. */
  boolean hasMore() {
    return form.has(MORE);
  }

  /** The invalid fields without an input; the page shows their problems above the list. */
  List<String> unseen() {
    return List.of("verdict", "version", "trust", "need", "ended", "sort", "order", "page");
  }

  /** Whether there is no device at all. */
  boolean none() {
    return rows.isEmpty() && problems.isEmpty() && !narrows() && pages.isEmpty();
  }
}
