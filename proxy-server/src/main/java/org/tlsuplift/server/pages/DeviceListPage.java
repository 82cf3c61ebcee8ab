package org.tlsuplift.server.pages;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.pages.text.When;

/**
 * What the device list shows, in texts.
 *
 * @param frame around it
 * @param form what was asked for
 * @param problems of the form, by field
 * @param chips to filter by
 * @param note which devices these are, if a link of another page chose them; may be empty
 * @param listeners to choose from
 * @param sizes to choose from
 * @param summary how many there are
 * @param columns headings of the table
 * @param rows of the table
 * @param pages where to go on
 * @param csv address of the same list as CSV
 * @param json address of the same list as JSON
 */
record DeviceListPage(
    PageFrame frame,
    DeviceForm form,
    Map<String, String> problems,
    List<Chip> chips,
    String note,
    List<Option> listeners,
    List<Option> sizes,
    String summary,
    List<Column> columns,
    List<Row> rows,
    List<Step> pages,
    String csv,
    String json) {
  /**
   * Something to choose.
   *
   * @param value sent
   * @param label shown
   * @param chosen whether it is
   */
  record Option(String value, String label, boolean chosen) {}

  /**
   * A heading.
   *
   * @param link to sort by it; empty when that is not possible
   * @param order {@code ascending}, {@code descending}, or empty when it is not sorted by it
   * @param figures whether numbers stand below it
   * @param detail whether a narrow screen has no room for it
   */
  record Column(String label, String link, String order, boolean figures, boolean detail) {}

  /**
   * A device.
   *
   * @param link to all there is of it
   * @param name what it is called, or calls itself
   * @param problem the latest, or null
   */
  record Row(
      String address,
      String link,
      String name,
      List<Chip> chips,
      @Nullable Problem problem,
      When lastSeen,
      String sessions,
      String failures,
      String listeners) {}

  /** The latest problem of a device, in words. */
  record Problem(String words, When when) {}

  /**
   * A step to another page.
   *
   * @param link where it leads; empty for where one is
   */
  record Step(String label, String link) {}

  /** The problem of a field; empty for none. */
  String problem(String field) {
    return problems.getOrDefault(field, "");
  }

  /** Whether a field is set that is not always visible. */
  boolean hasMore() {
    return Stream.of("subnet", "listener", "size").anyMatch(field -> !form.value(field).isEmpty());
  }

  /** The fields that have no input: their problems are shown above the list. */
  List<String> unseen() {
    return List.of("verdict", "version", "trust", "need", "sort", "order", "page");
  }

  /** Whether there is no device at all. */
  boolean none() {
    return rows.isEmpty() && problems.isEmpty() && !form.narrows() && pages.isEmpty();
  }
}
