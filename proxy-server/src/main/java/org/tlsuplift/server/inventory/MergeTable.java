package org.tlsuplift.server.inventory;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table whose rows are merged by a rule for each column: in memory and, by an upsert, in the
 * database, with the same outcome.
 *
 * <p>Each rule commutes and is associative, so that it does not matter in which order sightings,
 * batches and instances come. Numbers are {@code BIGINT}, texts compare by their bytes.
 */
final class MergeTable {
  private enum Rule {
    /** One row for each. */
    KEY,
    /** Follows from the key. */
    OF_KEY,
    ADD,
    LEAST,
    GREATEST,
    /** Together with its group: taken from where the group's first column, a time, is greater. */
    LATEST
  }

  private record Column(String name, Rule rule, Object absent, List<Integer> group) {}

  private final String name;
  private final List<Column> columns = new ArrayList<>();
  private final Map<String, Integer> indices = new LinkedHashMap<>();

  MergeTable(String name) {
    this.name = name;
  }

  MergeTable keys(String... names) {
    return add(Rule.KEY, "", names);
  }

  MergeTable numberKeys(String... names) {
    return add(Rule.KEY, 0L, names);
  }

  MergeTable ofKey(String... names) {
    return add(Rule.OF_KEY, "", names);
  }

  MergeTable add(String... names) {
    return add(Rule.ADD, 0L, names);
  }

  MergeTable least(long absent, String... names) {
    return add(Rule.LEAST, absent, names);
  }

  MergeTable greatest(String... names) {
    return add(Rule.GREATEST, 0L, names);
  }

  /**
   * Columns of which all are taken from the row with the greater time; where two are equal the rest
   * decides, so that there is no tie.
   *
   * @param texts how many of the names, counted from behind the time, are texts; the others numbers
   */
  MergeTable latest(String time, int texts, String... names) {
    List<Integer> group = new ArrayList<>();
    for (int i = 0; i <= names.length; i++) {
      group.add(columns.size() + i);
    }
    put(new Column(time, Rule.LATEST, 0L, group));
    for (int i = 0; i < names.length; i++) {
      put(new Column(names[i], Rule.LATEST, i < texts ? "" : 0L, group));
    }
    return this;
  }

  private MergeTable add(Rule rule, Object absent, String... names) {
    for (String column : names) {
      put(new Column(column, rule, absent, List.of()));
    }
    return this;
  }

  private void put(Column column) {
    indices.put(column.name(), columns.size());
    columns.add(column);
  }

  /** A row in which nothing is known yet. */
  Row row() {
    return new Row(this, columns.stream().map(Column::absent).toArray());
  }

  int index(String column) {
    Integer index = indices.get(column);
    if (index == null) {
      throw new IllegalArgumentException(name + " has no column " + column);
    }
    return index;
  }

  /** Merges a row into another of the same key. */
  void merge(Object[] into, Object[] from) {
    for (int i = 0; i < into.length; i++) {
      Column column = columns.get(i);
      switch (column.rule()) {
        case KEY, OF_KEY -> into[i] = from[i];
        case ADD -> into[i] = (Long) into[i] + (Long) from[i];
        case LEAST -> into[i] = Math.min((Long) into[i], (Long) from[i]);
        case GREATEST -> into[i] = Math.max((Long) into[i], (Long) from[i]);
        case LATEST -> {
          if (column.group().get(0) == i && isGreater(column.group(), from, into)) {
            column.group().forEach(each -> into[each] = from[each]);
          }
        }
      }
    }
  }

  private static boolean isGreater(List<Integer> group, Object[] one, Object[] other) {
    for (int column : group) {
      int order = compare(one[column], other[column]);
      if (order != 0) {
        return order > 0;
      }
    }
    return false;
  }

  private static int compare(Object one, Object other) {
    return one instanceof Long number
        ? number.compareTo((Long) other)
        : ((String) one).compareTo((String) other);
  }

  /** Orders rows by their keys. */
  int compareKeys(Object[] one, Object[] other) {
    for (int i = 0; i < columns.size(); i++) {
      int order = columns.get(i).rule() == Rule.KEY ? compare(one[i], other[i]) : 0;
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Inserts a row or merges it into the one that is there; for SQLite and PostgreSQL alike. */
  String upsert() {
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
    return "INSERT INTO "
        + name
        + " ("
        + names
        + ") VALUES ("
        + marks
        + ") ON CONFLICT ("
        + keys
        + ") DO UPDATE SET "
        + sets;
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
          choose(
              all("excluded.", column.group()) + " > " + all(name + ".", column.group()),
              other,
              mine);
    };
  }

  private static String choose(String condition, String then, String otherwise) {
    return "CASE WHEN " + condition + " THEN " + then + " ELSE " + otherwise + " END";
  }

  private String all(String prefix, List<Integer> group) {
    return group.stream()
        .map(index -> prefix + columns.get(index).name())
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /** Sets the parameters of {@link #upsert}. */
  static void bind(PreparedStatement statement, Row row) throws SQLException {
    Object[] values = row.values();
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Long number) {
        statement.setLong(i + 1, number);
      } else {
        statement.setString(i + 1, (String) values[i]);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
