package org.tlsuplift.server.inventory.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceRoll;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.ListenerUse;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.NeedFilter;
import org.tlsuplift.server.inventory.Sink;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;

/** Reads the tables. */
public final class JdbcInventory implements Inventory {
  private static final int MAX_ASKED = 500;

  private final Database database;
  private final VerdictRules rules;
  private final DeviceReader reader;
  private final Clock clock;

  public JdbcInventory(
      Database database, VerdictRules rules, Map<String, String> waysIn, Clock clock) {
    this.database = database;
    this.rules = rules;
    this.reader = new DeviceReader(rules, waysIn);
    this.clock = clock;
  }

  @Override
  public DevicePage devices(DeviceQuery query) throws SQLException {
    Instant now = clock.instant();
    Selection selection = Selection.of(query.filter(), rules, now);
    String sql =
        "SELECT * FROM device WHERE "
            + selection.where()
            + query.sort().clause(query.descending(), rules, now)
            + " LIMIT "
            + query.limit()
            + " OFFSET "
            + query.offset();
    try (Connection connection = database.connect()) {
      return new DevicePage(
          reader.read(connection, sql, selection, now), count(connection, selection));
    }
  }

  @Override
  public DeviceRoll roll(DeviceFilter filter, DeviceSort sort, boolean descending)
      throws SQLException {
    DeviceRoll roll = new DeviceRoll(this::listed);
    Instant now = clock.instant();
    Selection selection = Selection.of(filter, rules, now);
    String sql =
        "SELECT device.address_key FROM device WHERE "
            + selection.where()
            + sort.clause(descending, rules, now);
    try (Connection connection = database.connectForList();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(NeedReader.FETCHED);
      selection.bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          roll.add(found.getString(1));
        }
      }
    }
    return roll;
  }

  private List<DeviceRecord> listed(List<String> addresses) throws SQLException {
    Selection these = Selection.of(addresses);
    try (Connection connection = database.connect()) {
      return reader.read(
          connection, "SELECT * FROM device WHERE " + these.where(), these, clock.instant());
    }
  }

  @Override
  public List<DeviceRecord> devices(Collection<String> addresses) throws SQLException {
    List<String> all = List.copyOf(addresses);
    List<DeviceRecord> found = new ArrayList<>();
    try (Connection connection = database.connect()) {
      for (int from = 0; from < all.size(); from += MAX_ASKED) {
        List<String> some = all.subList(from, Math.min(all.size(), from + MAX_ASKED));
        found.addAll(reader.readAlone(connection, Selection.of(some), clock.instant()));
      }
    }
    return found;
  }

  @Override
  public void needs(NeedFilter filter, Sink<ListenerNeed> sink) throws SQLException {
    try (Connection connection = database.connectForList()) {
      NeedReader.needs(connection, filter, sink);
    }
  }

  @Override
  public void uses(NeedFilter filter, Sink<ListenerUse> sink) throws SQLException {
    try (Connection connection = database.connectForList()) {
      NeedReader.uses(connection, filter, sink);
    }
  }

  @Override
  public List<ListenerWatch> watches(Instant countFrom) throws SQLException {
    try (Connection connection = database.connect()) {
      return NeedReader.watches(connection, countFrom);
    }
  }

  private static long count(Connection connection, Selection selection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT count(*) FROM device WHERE " + selection.where())) {
      selection.bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        return found.next() ? found.getLong(1) : 0;
      }
    }
  }

  @Override
  public Optional<DeviceHistory> device(String address) throws SQLException {
    Selection one = new Selection("device.address = ?", List.of(address));
    try (Connection connection = database.connect()) {
      List<DeviceRecord> found =
          reader.read(
              connection, "SELECT * FROM device WHERE " + one.where(), one, clock.instant());
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new DeviceHistory(
                  found.get(0), facts(connection, address), days(connection, address)));
    }
  }

  private static List<DeviceHistory.Fact> facts(Connection connection, String address)
      throws SQLException {
    String sql =
        "SELECT kind, value, first_seen, last_seen, times FROM device_fact WHERE address = ? ORDER"
            + " BY kind, last_seen DESC, value";
    List<DeviceHistory.Fact> facts = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, address);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          facts.add(
              new DeviceHistory.Fact(
                  FactKind.valueOf(found.getString(1).toUpperCase(Locale.ROOT)),
                  found.getString(2),
                  Instant.ofEpochMilli(found.getLong(3)),
                  Instant.ofEpochMilli(found.getLong(4)),
                  found.getLong(5)));
        }
      }
    }
    return facts;
  }

  private static List<DeviceHistory.Day> days(Connection connection, String address)
      throws SQLException {
    String sql =
        "SELECT day, sessions, legacy, modern, plaintext, failures, worst_version FROM device_day"
            + " WHERE address = ? ORDER BY day DESC";
    List<DeviceHistory.Day> days = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, address);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          days.add(
              new DeviceHistory.Day(
                  LocalDate.ofEpochDay(found.getLong(1)),
                  found.getLong(2),
                  found.getLong(3),
                  found.getLong(4),
                  found.getLong(5),
                  found.getLong(6),
                  DeviceReader.version(found.getLong(7))));
        }
      }
    }
    return days;
  }

  @Override
  public Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException {
    Instant now = clock.instant();
    Selection selection = Selection.of(filter, rules, now);
    Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    Arrays.stream(Verdict.values()).forEach(verdict -> counts.put(verdict, 0L));
    String sql =
        "SELECT verdict, count(*) FROM (SELECT "
            + rules.sql(now)
            + " AS verdict FROM device WHERE "
            + selection.where()
            + ") judged GROUP BY verdict";
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      selection.bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          counts.put(
              Verdict.valueOf(found.getString(1).toUpperCase(Locale.ROOT)), found.getLong(2));
        }
      }
    }
    return counts;
  }

  @Override
  public List<FactCount> counts(FactKind kind, Instant since) throws SQLException {
    String sql =
        "SELECT value, count(*), max(last_seen) FROM device_fact WHERE kind = ? AND last_seen >= ?"
            + " GROUP BY value ORDER BY count(*) DESC, value";
    List<FactCount> counts = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, kind.label());
      statement.setLong(2, since.toEpochMilli());
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          counts.add(
              new FactCount(
                  found.getString(1), found.getLong(2), Instant.ofEpochMilli(found.getLong(3))));
        }
      }
    }
    return counts;
  }

  @Override
  public long devices(FactKind kind, Set<String> values, Instant since) throws SQLException {
    if (values.isEmpty()) {
      return 0;
    }
    String sql =
        "SELECT count(DISTINCT address) FROM device_fact WHERE kind = ? AND last_seen >= ? AND"
            + " value IN (?"
            + ", ?".repeat(values.size() - 1)
            + ")";
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, kind.label());
      statement.setLong(2, since.toEpochMilli());
      int place = 3;
      for (String value : values) {
        statement.setString(place++, value);
      }
      try (ResultSet found = statement.executeQuery()) {
        return found.next() ? found.getLong(1) : 0;
      }
    }
  }

  @Override
  public List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException {
    String sql =
        "SELECT listener, start, sessions, legacy, modern, plaintext, failures, bytes_up,"
            + " bytes_down FROM listener_slot WHERE width = ? AND start >= ? AND start < ? ORDER BY"
            + " start, listener";
    List<ListenerTotal> totals = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, width.toSeconds());
      statement.setLong(2, from.getEpochSecond());
      statement.setLong(3, to.getEpochSecond());
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          totals.add(
              new ListenerTotal(
                  found.getString(1),
                  Instant.ofEpochSecond(found.getLong(2)),
                  found.getLong(3),
                  found.getLong(4),
                  found.getLong(5),
                  found.getLong(6),
                  found.getLong(7),
                  found.getLong(8),
                  found.getLong(9)));
        }
      }
    }
    return totals;
  }
}
