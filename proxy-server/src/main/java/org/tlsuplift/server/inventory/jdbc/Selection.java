package org.tlsuplift.server.inventory.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.SqlConsumer;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;

/**
 * An SQL condition that selects devices, with its parameters.
 *
 * @param where the condition, with question marks
 * @param parameters the values of the question marks
 */
record Selection(String where, List<String> parameters) {
  private static final Pattern UPPER = Pattern.compile("[A-Z]+");

  static Selection of(DeviceFilter filter, VerdictRules rules, Instant now) {
    List<String> conditions = new ArrayList<>();
    List<String> parameters = new ArrayList<>();
    Instant open = now.minus(Inventory.PROBLEM_STAYS);
    if (!filter.search().isBlank()) {
      String pattern = pattern(filter.search().strip());
      List<String> columns =
          List.of(
              "address", "name", "server_name", "introduction", "ja4", "owner", "place", "note");
      conditions.add(
          columns.stream()
              .map(column -> "lower(device." + column + ") LIKE ? ESCAPE '!'")
              .collect(
                  Collectors.joining(
                      " OR ",
                      "(",
                      " OR device.address IN (SELECT address FROM device_fact WHERE kind = "
                          + quoted(FactKind.DESTINATION)
                          + " AND lower(value) LIKE ? ESCAPE '!'))")));
      columns.forEach(column -> parameters.add(pattern));
      parameters.add(pattern);
    }
    if (filter.subnet().isPresent()) {
      Cidr block = filter.subnet().get();
      conditions.add(DeviceAddress.within("device.address_key", block));
      parameters.addAll(DeviceAddress.bounds(block));
    }
    if (filter.listener().isPresent()) {
      conditions.add(seen(FactKind.LISTENER));
      parameters.add(filter.listener().get());
    }
    if (filter.failure().isPresent()) {
      conditions.add(
          filter.stillFailing()
              ? ProblemReader.condition(open, "value = ?")
              : seen(FactKind.FAILURE, FactKind.REPLY));
      parameters.add(filter.failure().get());
    }
    String reply = filter.texts().get("reply");
    if (reply != null) {
      conditions.add(
          filter.stillFailing()
              ? ProblemReader.condition(
                  open, "kind = " + quoted(FactKind.REPLY) + " AND problem.value = ?")
              : seen(FactKind.REPLY));
      parameters.add(reply);
    } else if (filter.stillFailing() && filter.failure().isEmpty()) {
      conditions.add(ProblemReader.condition(open, "value <> ''"));
    }
    for (String column : List.of("owner", "place")) {
      String text = filter.texts().get(column);
      if (text != null) {
        conditions.add("lower(device." + column + ") LIKE ? ESCAPE '!'");
        parameters.add(pattern(text));
      }
    }
    String tag = filter.texts().get("tag");
    if (tag != null) {
      conditions.add("' ' || device.tags || ' ' LIKE ? ESCAPE '!'");
      parameters.add(pattern(" " + tag + " "));
    }
    if (filter.newest().isPresent()) {
      conditions.add("device.too_old_version = " + filter.newest().get().code());
    }
    if (filter.refusesCa()) {
      conditions.add(rules.refusesCa(now));
    }
    if (filter.need().isPresent()) {
      conditions.add(
          "device.address IN (SELECT address FROM device_need WHERE need = '"
              + filter.need().get().label()
              + "' AND last_seen >= "
              + rules.needed(now)
              + (filter.listener().isPresent() ? " AND listener = ?)" : ")"));
      filter.listener().ifPresent(parameters::add);
    }
    if (!filter.verdicts().isEmpty()) {
      conditions.add(
          rules.sql(now)
              + filter.verdicts().stream()
                  .map(Verdict::quoted)
                  .sorted()
                  .collect(Collectors.joining(", ", " IN (", ")")));
    }
    return new Selection(
        conditions.isEmpty() ? "1 = 1" : String.join(" AND ", conditions), parameters);
  }

  /** Selects the devices with these addresses, at least one. */
  static Selection of(List<String> addresses) {
    return new Selection("device.address " + Sql.in(addresses.size()), addresses);
  }

  private static String seen(FactKind... kinds) {
    return Arrays.stream(kinds)
        .map(Selection::quoted)
        .collect(
            Collectors.joining(
                ", ",
                "device.address IN (SELECT address FROM device_fact WHERE kind IN (",
                ") AND value = ?)"));
  }

  static String quoted(FactKind kind) {
    return "'" + kind.label() + "'";
  }

  /** A part of a text. Both databases lower only the letters A to Z. */
  static String pattern(String part) {
    String lower = UPPER.matcher(part).replaceAll(each -> each.group().toLowerCase(Locale.ROOT));
    return "%" + lower.replaceAll("[!%_]", "!$0") + "%";
  }

  /**
   * All rows of a query with this condition.
   *
   * @param select the part before WHERE
   * @param rest the part after the condition, or an empty text
   */
  <T> List<T> list(Sql sql, String select, String rest, Sql.RowReader<T> reader)
      throws SQLException {
    return sql.list(select + " WHERE " + where + rest, reader, parameters.toArray());
  }

  /** Passes on the rows of a query with this condition one by one. */
  void each(Sql sql, String select, String rest, SqlConsumer<ResultSet> consumer)
      throws SQLException {
    sql.each(select + " WHERE " + where + rest, consumer, parameters.toArray());
  }
}
