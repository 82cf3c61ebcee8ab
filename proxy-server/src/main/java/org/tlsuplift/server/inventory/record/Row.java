package org.tlsuplift.server.inventory.record;

import java.util.Arrays;

/** A row of a {@link MergeTable} in memory. Not thread-safe. */
public final class Row {
  private final MergeTable table;
  private final String[] texts;
  private final long[] numbers;

  /** Takes over the arrays, and may change them. */
  Row(MergeTable table, String[] texts, long[] numbers) {
    this.table = table;
    this.texts = texts;
    this.numbers = numbers;
  }

  /** Resets all values, and returns this row. */
  public Row clear() {
    table.clear(this);
    return this;
  }

  public Row copy() {
    return new Row(table, texts.clone(), numbers.clone());
  }

  public Row set(String column, long value) {
    numbers[table.place(column)] = value;
    return this;
  }

  public Row set(String column, String value) {
    texts[table.place(column)] = value;
    return this;
  }

  public long number(String column) {
    return numbers[table.place(column)];
  }

  public String text(String column) {
    return texts[table.place(column)];
  }

  public MergeTable table() {
    return table;
  }

  String[] texts() {
    return texts;
  }

  long[] numbers() {
    return numbers;
  }

  /** Merges another row of the same key into this one. */
  public void merge(Row other) {
    table.merge(this, other);
  }

  /** The order in which rows of one table are written. */
  public static int compareKeys(Row one, Row other) {
    return one.table.compareKeys(one, other);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row
        && row.table == table
        && Arrays.equals(row.texts, texts)
        && Arrays.equals(row.numbers, numbers);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(texts) + Arrays.hashCode(numbers);
  }

  @Override
  public String toString() {
    return table + Arrays.toString(texts) + Arrays.toString(numbers);
  }
}
