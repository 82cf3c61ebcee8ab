package org.tlsuplift.server.pages;

import java.util.List;
import java.util.Map;

/**
 * What the device list shows, in texts.
 *
 * @param frame around it
 * @param form what was asked for
 * @param problems of the form's fields, by field
 * @param verdicts to choose from
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
    List<Option> verdicts,
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
   * @param label of the column
   * @param link to sort by it; empty when that is not possible
   * @param order {@code ascending}, {@code descending}, or empty when it is not sorted by it
   * @param figures whether numbers stand below it
   */
  record Column(String label, String link, String order, boolean figures) {}

  /**
   * A device.
   *
   * @param address of it
   * @param link to all there is of it
   * @param name what it is called, or calls itself
   * @param verdict in words
   * @param tone the class of the verdict's colour
   * @param latest the version agreed to last
   * @param lastSeen to the minute
   * @param lastSeenAt the same for machines
   * @param sessions how many
   * @param legacy handshakes
   * @param failures how many
   * @param latestFailure in the word of the log
   * @param listeners where it came in
   */
  record Row(
      String address,
      String link,
      String name,
      String verdict,
      String tone,
      String latest,
      String lastSeen,
      String lastSeenAt,
      String sessions,
      String legacy,
      String failures,
      String latestFailure,
      String listeners) {}

  /**
   * A step to another page.
   *
   * @param label of the link
   * @param link where it leads; empty for where one is
   */
  record Step(String label, String link) {}

  /** The problem of a field; empty for none. */
  String problem(String field) {
    return problems.getOrDefault(field, "");
  }

  /** Whether there is no device at all. */
  boolean none() {
    return rows.isEmpty() && problems.isEmpty() && !form.narrows() && pages.isEmpty();
  }
}
