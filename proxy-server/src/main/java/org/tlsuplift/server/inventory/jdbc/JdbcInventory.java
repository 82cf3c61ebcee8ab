package org.tlsuplift.server.inventory.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.SqlConsumer;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceGroup;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.DevicePage;
import org.tlsuplift.server.inventory.DeviceQuery;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.ListenerUse;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.NeedCount;
import org.tlsuplift.server.inventory.NeedFilter;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;

/** Reads devices, needs and totals from the database. */
public final class JdbcInventory implements Inventory {
  private static final String WRITE_NOTES =
      "UPDATE device SET owner = ?, place = ?, tags = ?, note = ? WHERE address = ? AND owner = ?"
          + " AND place = ? AND tags = ? AND note = ?";

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
    String order =
        query.sort().clause(query.descending(), rules, now)
            + " LIMIT "
            + query.limit()
            + " OFFSET "
            + query.offset();
    return database.read(
        sql -> {
          List<DeviceRecord> devices = reader.read(sql, selection, order, now);
          long total = selection.count(sql, "device");
          return sql.list(
                  "SELECT count(CASE WHEN owner <> '' THEN 1 END), count(CASE WHEN place <> '' OR"
                      + " tags <> '' THEN 1 END) FROM device",
                  row -> new DevicePage(devices, total, row.getLong(1) > 0, row.getLong(2) > 0))
              .get(0);
        });
  }

  @Override
  public DeviceList list(DeviceFilter filter, DeviceSort sort, boolean descending)
      throws SQLException {
    Instant now = clock.instant();
    Selection selection = Selection.of(filter, rules, now);
    String order = sort.clause(descending, rules, now);
    return database.readList(
        sql -> {
          DeviceList list = new DeviceList(this::listed);
          selection.each(
              sql,
              "SELECT device.address_key FROM device",
              order,
              row -> list.add(row.getString(1)));
          return list;
        });
  }

  private List<DeviceRecord> listed(List<String> addresses) throws SQLException {
    return database.read(sql -> reader.read(sql, Selection.of(addresses), "", clock.instant()));
  }

  @Override
  public List<DeviceRecord> devices(Collection<String> addresses) throws SQLException {
    return database.read(sql -> reader.readAlone(sql, addresses, clock.instant()));
  }

  @Override
  public List<String> write(List<NotesChange> changes) throws SQLException {
    return database.runTogether(
        sql -> {
          List<String> stale = new ArrayList<>();
          // In the order of addresses: Delta has the reason.
          for (NotesChange each :
              changes.stream().sorted(Comparator.comparing(NotesChange::address)).toList()) {
            List<String> values = new ArrayList<>(each.after().values());
            values.add(each.address());
            values.addAll(each.before().values());
            if (sql.update(WRITE_NOTES, values.toArray()) == 0) {
              stale.add(each.address());
            }
          }
          return stale;
        });
  }

  @Override
  public void needs(NeedFilter filter, SqlConsumer<ListenerNeed> consumer) throws SQLException {
    database.readList(
        sql -> {
          NeedReader.needs(sql, filter, consumer);
          return sql;
        });
  }

  @Override
  public void uses(NeedFilter filter, SqlConsumer<ListenerUse> consumer) throws SQLException {
    database.readList(
        sql -> {
          NeedReader.uses(sql, filter, consumer);
          return sql;
        });
  }

  @Override
  public List<ListenerWatch> watches(Instant countFrom) throws SQLException {
    return database.read(sql -> NeedReader.watches(sql, countFrom));
  }

  @Override
  public Optional<DeviceHistory> device(String address) throws SQLException {
    Selection one = Selection.of(List.of(address));
    return database.read(
        sql -> {
          List<DeviceRecord> found = reader.read(sql, one, "", clock.instant());
          return found.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new DeviceHistory(found.get(0), facts(sql, address), days(sql, address)));
        });
  }

  private static List<DeviceHistory.Fact> facts(Sql sql, String address) throws SQLException {
    return sql.list(
        "SELECT kind, value, first_seen, last_seen, times FROM device_fact WHERE address = ?"
            + " ORDER BY kind, last_seen DESC, value",
        row ->
            new DeviceHistory.Fact(
                Labelled.of(row.getString(1), FactKind.values(), FactKind.UNKNOWN),
                row.getString(2),
                Instant.ofEpochMilli(row.getLong(3)),
                Instant.ofEpochMilli(row.getLong(4)),
                row.getLong(5)),
        address);
  }

  private static List<DeviceHistory.Day> days(Sql sql, String address) throws SQLException {
    return sql.list(
        "SELECT day, sessions, legacy, modern, plaintext, failures, worst_version FROM"
            + " device_day WHERE address = ? ORDER BY day DESC",
        row ->
            new DeviceHistory.Day(
                LocalDate.ofEpochDay(row.getLong(1)),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                DeviceReader.version(row.getLong(7))),
        address);
  }

  @Override
  public Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException {
    Instant now = clock.instant();
    Selection selection = Selection.of(filter, rules, now);
    Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict, 0L);
    }
    return database.read(
        sql -> {
          selection.each(
              sql,
              "SELECT verdict, count(*) FROM (SELECT " + rules.sql(now) + " AS verdict FROM device",
              ") judged GROUP BY verdict",
              row ->
                  counts.put(
                      Verdict.valueOf(row.getString(1).toUpperCase(Locale.ROOT)), row.getLong(2)));
          return counts;
        });
  }

  @Override
  public List<DeviceGroup> groups(DeviceFilter filter) throws SQLException {
    Instant now = clock.instant();
    Selection selection = Selection.of(filter, rules, now);
    return database.read(
        sql ->
            selection.list(
                sql,
                """
                SELECT verdict, CASE WHEN verdict = %s THEN version ELSE 0 END, refuses, count(*)
                FROM (SELECT %s AS verdict, device.too_old_version AS version,
                CASE WHEN %s THEN 1 ELSE 0 END AS refuses FROM device\
                """
                    .formatted(Verdict.TOO_OLD.quoted(), rules.sql(now), rules.refusesCa(now)),
                ") judged GROUP BY 1, 2, 3",
                row ->
                    new DeviceGroup(
                        Verdict.valueOf(row.getString(1).toUpperCase(Locale.ROOT)),
                        TlsVersion.ofCode((int) row.getLong(2)),
                        row.getInt(3) == 1,
                        row.getLong(4))));
  }

  @Override
  public List<NeedCount> needCounts(NeedFilter filter, boolean byListener) throws SQLException {
    return database.read(sql -> NeedReader.counts(sql, filter, byListener));
  }

  @Override
  public List<DayCount> needsByDay(NeedFilter filter) throws SQLException {
    return database.read(sql -> NeedReader.days(sql, filter));
  }

  @Override
  public List<FactCount> counts(FactKind kind, Instant since) throws SQLException {
    String query =
        "SELECT value, count(*), max(last_seen) FROM device_fact WHERE kind = ? AND last_seen >= ?"
            + " GROUP BY value ORDER BY count(*) DESC, value";
    return database.read(
        sql -> sql.list(query, JdbcInventory::factCount, kind.label(), since.toEpochMilli()));
  }

  static FactCount factCount(ResultSet row) throws SQLException {
    return new FactCount(row.getString(1), row.getLong(2), Instant.ofEpochMilli(row.getLong(3)));
  }

  @Override
  public List<FactCount> openProblems(FactKind kind, Instant since) throws SQLException {
    return database.read(sql -> ProblemReader.counts(sql, kind, since));
  }

  @Override
  public List<FactCount> origins(FactKind kind, String problem, Instant since) throws SQLException {
    return database.read(sql -> ProblemReader.origins(sql, kind, problem, since));
  }

  @Override
  public long devices(Set<String> destinations, Set<String> except, Instant since)
      throws SQLException {
    String query =
        "SELECT count(*) FROM (SELECT address FROM device_fact WHERE kind = 'destination' AND"
            + " last_seen >= ? AND value "
            + Sql.in(destinations.size() + 1)
            + " INTERSECT SELECT address FROM device_fact WHERE kind = 'listener' AND last_seen >="
            + " ? AND value NOT "
            + Sql.in(except.size() + 1)
            + ") used";
    List<Object> parameters = new ArrayList<>(List.of(since.toEpochMilli(), ""));
    parameters.addAll(destinations);
    parameters.addAll(List.of(since.toEpochMilli(), ""));
    parameters.addAll(except);
    return database.read(sql -> sql.number(query, parameters.toArray()));
  }

  @Override
  public List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException {
    String query =
        "SELECT start, sessions, legacy, modern, plaintext FROM listener_slot"
            + " WHERE width = ? AND start >= ? AND start < ? ORDER BY start, listener";
    return database.read(
        sql ->
            sql.list(
                query,
                row ->
                    new ListenerTotal(
                        Instant.ofEpochSecond(row.getLong(1)),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5)),
                width.toSeconds(),
                from.getEpochSecond(),
                to.getEpochSecond()));
  }
}
