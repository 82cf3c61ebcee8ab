package org.tlsuplift.server.inventory;

import java.util.Arrays;

/** A row of a {@link MergeTable} that has yet to be written. For one thread at a time. */
final class Row {
  private final MergeTable table;
  private final Object[] values;

  /**
   * A row.
   *
   * @param values a {@code Long} or a {@code String} for each column
   */
  Row(MergeTable table, Object[] values) {
    this.table = table;
    this.values = values;
  }

  Row set(String column, long value) {
    values[table.index(column)] = value;
    return this;
  }

  Row set(String column, String value) {
    values[table.index(column)] = value;
    return this;
  }

  long number(String column) {
    return (Long) values[table.index(column)];
  }

  String text(String column) {
    return (String) values[table.index(column)];
  }

  MergeTable table() {
    return table;
  }

  Object[] values() {
    return values;
  }

  /** Takes in another row of the same key. */
  void merge(Row other) {
    table.merge(values, other.values);
  }

  /** The order in which rows of one table are written. */
  static int compareKeys(Row one, Row other) {
    return one.table.compareKeys(one.values, other.values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row && row.table == table && Arrays.equals(row.values, values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return table + Arrays.toString(values);
  }
}
