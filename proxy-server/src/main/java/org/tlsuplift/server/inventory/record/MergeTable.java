package org.tlsuplift.server.inventory.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table whose rows merge by one rule for each column, with the same result in memory and in the
 * database (by an upsert).
 *
 * <p>Each rule is commutative and associative, so the order of sightings, batches and instances
 * does not matter. Numbers are {@code BIGINT}; texts compare by their bytes.
 */
public final class MergeTable {
  private enum Rule {
    /** Part of the key. */
    KEY,
    /** Follows from the key. */
    OF_KEY,
    ADD,
    LEAST,
    GREATEST,
    /**
     * Copied, with its group, from the row with the later time, which is the group's first column.
     */
    LATEST
  }

  /**
   * A column.
   *
   * @param text whether the column holds texts instead of numbers
   * @param at the index among the row's texts or numbers
   * @param first the index of the first column in its group
   * @param end the index after the last column in its group
   */
  private record Column(String name, Rule rule, boolean text, int at, int first, int end) {}

  private final String name;
  private final List<Column> columns = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private String[] absentTexts = {};
  private long[] absentNumbers = {};

  MergeTable(String name) {
    this.name = name;
  }

  MergeTable keys(String... names) {
    return addTexts(Rule.KEY, names);
  }

  MergeTable numberKeys(String... names) {
    return addNumbers(Rule.KEY, 0, names);
  }

  MergeTable ofKey(String... names) {
    return addTexts(Rule.OF_KEY, names);
  }

  MergeTable add(String... names) {
    return addNumbers(Rule.ADD, 0, names);
  }

  MergeTable least(long absent, String... names) {
    return addNumbers(Rule.LEAST, absent, names);
  }

  MergeTable greatest(String... names) {
    return addNumbers(Rule.GREATEST, 0, names);
  }

  /**
   * Adds a group of columns that come together from the row with the later time. If the times are
   * equal, the other columns decide.
   *
   * @param texts the number of text columns, which come first in {@code names}; the others are
   *     numbers
   */
  MergeTable latest(String time, int texts, String... names) {
    int first = columns.size();
    int end = first + 1 + names.length;
    addNumber(time, Rule.LATEST, 0, first, end);
    for (int i = 0; i < names.length; i++) {
      if (i < texts) {
        addText(names[i], Rule.LATEST, first, end);
      } else {
        addNumber(names[i], Rule.LATEST, 0, first, end);
      }
    }
    return this;
  }

  private MergeTable addTexts(Rule rule, String... names) {
    for (String column : names) {
      addText(column, rule, 0, 0);
    }
    return this;
  }

  private MergeTable addNumbers(Rule rule, long absent, String... names) {
    for (String column : names) {
      addNumber(column, rule, absent, 0, 0);
    }
    return this;
  }

  private void addText(String column, Rule rule, int first, int end) {
    int at = absentTexts.length;
    absentTexts = Arrays.copyOf(absentTexts, at + 1);
    absentTexts[at] = "";
    places.put(column, at);
    columns.add(new Column(column, rule, true, at, first, end));
  }

  private void addNumber(String column, Rule rule, long absent, int first, int end) {
    int at = absentNumbers.length;
    absentNumbers = Arrays.copyOf(absentNumbers, at + 1);
    absentNumbers[at] = absent;
    places.put(column, at);
    columns.add(new Column(column, rule, false, at, first, end));
  }

  /** A row without values. */
  public Row row() {
    return new Row(this, absentTexts.clone(), absentNumbers.clone());
  }

  /** Removes all values from a row. */
  void clear(Row row) {
    System.arraycopy(absentTexts, 0, row.texts(), 0, absentTexts.length);
    System.arraycopy(absentNumbers, 0, row.numbers(), 0, absentNumbers.length);
  }

  /** The index of a column among the texts or numbers of a row. */
  int place(String column) {
    Integer place = places.get(column);
    if (place == null) {
      throw new IllegalArgumentException(name + " has no column " + column);
    }
    return place;
  }

  /** Merges a row into another of the same key. */
  void merge(Row into, Row from) {
    long[] mine = into.numbers();
    long[] other = from.numbers();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      int at = column.at();
      switch (column.rule()) {
        case KEY, OF_KEY -> {
          // Both rows have the same value.
        }
        case ADD -> mine[at] += other[at];
        case LEAST -> mine[at] = Math.min(mine[at], other[at]);
        case GREATEST -> mine[at] = Math.max(mine[at], other[at]);
        case LATEST -> {
          if (column.first() == i && isGreater(column, from, into)) {
            for (int each = i; each < column.end(); each++) {
              copy(columns.get(each), into, from);
            }
          }
        }
      }
    }
  }

  private static void copy(Column column, Row into, Row from) {
    if (column.text()) {
      into.texts()[column.at()] = from.texts()[column.at()];
    } else {
      into.numbers()[column.at()] = from.numbers()[column.at()];
    }
  }

  private boolean isGreater(Column leading, Row one, Row other) {
    for (int i = leading.first(); i < leading.end(); i++) {
      int order = compare(columns.get(i), one, other);
      if (order != 0) {
        return order > 0;
      }
    }
    return false;
  }

  private static int compare(Column column, Row one, Row other) {
    int at = column.at();
    return column.text()
        ? one.texts()[at].compareTo(other.texts()[at])
        : Long.compare(one.numbers()[at], other.numbers()[at]);
  }

  int compareKeys(Row one, Row other) {
    for (Column column : columns) {
      int order = column.rule() == Rule.KEY ? compare(column, one, other) : 0;
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** The statement that inserts a row or merges it, for SQLite and PostgreSQL. */
  public String upsert() {
    String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
    String marks = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
    String keys =
        columns.stream()
            .filter(column -> column.rule() == Rule.KEY)
            .map(Column::name)
            .collect(Collectors.joining(", "));
    String sets =
        columns.stream()
            .filter(column -> column.rule() != Rule.KEY && column.rule() != Rule.OF_KEY)
            .map(column -> column.name() + " = " + merged(column))
            .collect(Collectors.joining(", "));
    return "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s"
        .formatted(name, names, marks, keys, sets);
  }

  private String merged(Column column) {
    String mine = name + "." + column.name();
    String other = "excluded." + column.name();
    return switch (column.rule()) {
      case KEY, OF_KEY -> mine;
      case ADD -> mine + " + " + other;
      case LEAST -> choose(other + " < " + mine, other, mine);
      case GREATEST -> choose(other + " > " + mine, other, mine);
      case LATEST ->
          choose(all("excluded.", column) + " > " + all(name + ".", column), other, mine);
    };
  }

  private static String choose(String condition, String then, String otherwise) {
    return "CASE WHEN " + condition + " THEN " + then + " ELSE " + otherwise + " END";
  }

  private String all(String prefix, Column ofGroup) {
    return columns.subList(ofGroup.first(), ofGroup.end()).stream()
        .map(column -> prefix + column.name())
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /** The parameters of {@link #upsert}. */
  public List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (Column column : columns) {
      values.add(column.text() ? row.texts()[column.at()] : (Object) row.numbers()[column.at()]);
    }
    return values;
  }

  @Override
  public String toString() {
    return name;
  }
}
