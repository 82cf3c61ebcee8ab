package org.tlsuplift.server.inventory.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.SqlConsumer;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.VerdictRules;

/** Selects rows by conditions that must all hold, with the values of their question marks. */
final class Selection {
  private static final Pattern UPPER = Pattern.compile("[A-Z]+");

  private final List<String> conditions = new ArrayList<>();
  private final List<Object> parameters = new ArrayList<>();

  /** Adds a condition with the values of its question marks. */
  Selection and(String condition, Object... values) {
    conditions.add(condition);
    parameters.addAll(List.of(values));
    return this;
  }

  /** Adds the condition that a key column is inside a block. */
  Selection within(String column, Cidr block) {
    return and(DeviceAddress.within(column, block), DeviceAddress.bounds(block).toArray());
  }

  /**
   * Adds the condition that one of the columns contains a text.
   *
   * @param lower the text, in lower case
   */
  Selection containing(String lower, String... columns) {
    return and(
        "(" + like(columns) + ")", Collections.nCopies(columns.length, part(lower)).toArray());
  }

  static Selection of(DeviceFilter filter, VerdictRules rules, Instant now) {
    Selection selection = new Selection();
    Instant open = now.minus(Inventory.PROBLEM_STAYS);
    if (!filter.search().isBlank()) {
      String[] columns =
          Stream.of(
                  "address", "name", "server_name", "introduction", "ja4", "owner", "place", "note")
              .map(column -> "device." + column)
              .toArray(String[]::new);
      selection.and(
          "(%s OR device.address IN (SELECT address FROM device_fact WHERE kind = %s AND %s))"
              .formatted(like(columns), quoted(FactKind.DESTINATION), like("value")),
          Collections.nCopies(columns.length + 1, part(lower(filter.search().strip()))).toArray());
    }
    filter.subnet().ifPresent(block -> selection.within("device.address_key", block));
    filter.listener().ifPresent(name -> selection.and(seen(FactKind.LISTENER), name));
    filter
        .failure()
        .ifPresent(
            label ->
                selection.and(
                    filter.stillFailing()
                        ? ProblemReader.condition(open, "value = ?")
                        : seen(FactKind.FAILURE, FactKind.REPLY),
                    label));
    filter
        .text("reply")
        .ifPresent(
            reply ->
                selection.and(
                    filter.stillFailing()
                        ? ProblemReader.condition(
                            open, "kind = " + quoted(FactKind.REPLY) + " AND problem.value = ?")
                        : seen(FactKind.REPLY),
                    reply));
    if (filter.stillFailing() && filter.failure().isEmpty() && filter.text("reply").isEmpty()) {
      selection.and(ProblemReader.condition(open, "value <> ''"));
    }
    for (String column : List.of("owner", "place")) {
      filter.text(column).ifPresent(text -> selection.containing(lower(text), "device." + column));
    }
    filter
        .text("tag")
        .ifPresent(
            tag ->
                selection.and(
                    "' ' || device.tags || ' ' LIKE ? ESCAPE '!'", part(" " + lower(tag) + " ")));
    filter
        .newest()
        .ifPresent(version -> selection.and("device.too_old_version = " + version.code()));
    if (filter.refusesCa()) {
      selection.and(rules.refusesCa(now));
    }
    filter
        .need()
        .ifPresent(
            need ->
                selection.and(
                    "device.address IN (SELECT address FROM device_need WHERE need = '%s' AND last_seen >= %s%s)"
                        .formatted(
                            need.label(),
                            rules.needed(now),
                            filter.listener().isPresent() ? " AND listener = ?" : ""),
                    filter.listener().stream().toArray()));
    if (!filter.verdicts().isEmpty()) {
      selection.and(
          rules.sql(now) + " IN (" + quoted(filter.verdicts().toArray(Labelled[]::new)) + ")");
    }
    return selection;
  }

  /** Selects the devices with these addresses, at least one. */
  static Selection of(List<String> addresses) {
    return new Selection().and("device.address " + Sql.in(addresses.size()), addresses.toArray());
  }

  private static String seen(FactKind... kinds) {
    return "device.address IN (SELECT address FROM device_fact WHERE kind IN (%s) AND value = ?)"
        .formatted(quoted(kinds));
  }

  /** The labels as a list of SQL. */
  static String quoted(Labelled... values) {
    return quoted(Stream.of(values).map(Labelled::label));
  }

  static String quoted(Stream<String> labels) {
    return labels.sorted().collect(Collectors.joining("', '", "'", "'"));
  }

  /** Both databases lower only the letters A to Z. */
  static String lower(String text) {
    return UPPER.matcher(text).replaceAll(each -> each.group().toLowerCase(Locale.ROOT));
  }

  /** The condition that one of the columns contains a part, with a question mark for each. */
  static String like(String... columns) {
    return Stream.of(columns)
        .map(column -> "lower(" + column + ") LIKE ? ESCAPE '!'")
        .collect(Collectors.joining(" OR "));
  }

  /** The pattern of a part of a text. */
  static String part(String text) {
    return "%" + escaped(text) + "%";
  }

  static String escaped(String text) {
    return text.replaceAll("[!%_]", "!$0");
  }

  private String where() {
    return conditions.isEmpty() ? "1 = 1" : String.join(" AND ", conditions);
  }

  /**
   * All rows of a query with these conditions.
   *
   * @param select the part before WHERE
   * @param rest the part after the conditions, or an empty text
   */
  <T> List<T> list(
      Sql sql, String select, String rest, Sql.RowReader<T> reader, Object... parametersOfRest)
      throws SQLException {
    return sql.list(
        select + " WHERE " + where() + rest,
        reader,
        Stream.concat(parameters.stream(), Stream.of(parametersOfRest)).toArray());
  }

  /** Passes on the rows of a query with these conditions one by one. */
  void each(Sql sql, String select, String rest, SqlConsumer<ResultSet> consumer)
      throws SQLException {
    sql.each(select + " WHERE " + where() + rest, consumer, parameters.toArray());
  }

  /** The number of rows of a table. */
  long count(Sql sql, String table) throws SQLException {
    return list(sql, "SELECT count(*) FROM " + table, "", row -> row.getLong(1)).get(0);
  }
}
