package org.tlsuplift.server.http.pages;

import java.util.List;

/**
 * Numbers over time: a table, which a script turns into stacked bars.
 *
 * @param caption the title
 * @param heading of the first column
 * @param series the other columns
 * @param rows in the order of time
 */
record Chart(String caption, String heading, List<Series> series, List<Row> rows) {
  Chart {
    series = List.copyOf(series);
    rows = List.copyOf(rows);
  }

  /**
   * A column.
   *
   * @param label its heading
   * @param colour the name of its colour in the style sheet
   */
  record Series(String label, String colour) {}

  /**
   * A stretch of time.
   *
   * @param label its name
   * @param values one for each column
   */
  record Row(String label, List<Long> values) {
    Row {
      values = List.copyOf(values);
    }
  }

  boolean isEmpty() {
    return rows.stream().flatMap(row -> row.values().stream()).allMatch(value -> value == 0);
  }
}
