package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.SqlConsumer;
import org.tlsuplift.server.inventory.DayCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerUse;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.NeedCount;
import org.tlsuplift.server.inventory.NeedFilter;

/** Reads needs and the observation periods of listeners. Passes on rows one by one. */
final class NeedReader {
  private NeedReader() {}

  static void needs(Sql sql, NeedFilter filter, SqlConsumer<ListenerNeed> consumer)
      throws SQLException {
    selection(filter, "last_seen", "listener", "address_key")
        .each(
            sql,
            "SELECT address, listener, need, first_seen, last_seen, times FROM device_need",
            " ORDER BY address",
            row ->
                consumer.accept(
                    new ListenerNeed(
                        row.getString(1),
                        row.getString(2),
                        need(row.getString(3)),
                        Instant.ofEpochMilli(row.getLong(4)),
                        Instant.ofEpochMilli(row.getLong(5)),
                        row.getLong(6))));
  }

  private static Need need(String label) {
    return Labelled.of(label, Need.values(), Need.UNKNOWN);
  }

  static List<NeedCount> counts(Sql sql, NeedFilter filter, boolean byListener)
      throws SQLException {
    return selection(filter, "need.last_seen", "need.listener", "need.address_key")
        .list(
            sql,
            """
            SELECT %s, need.need, CASE WHEN need.need = '%s' THEN device.too_old_version ELSE 0 END,
            count(DISTINCT need.address)
            FROM device_need need JOIN device ON device.address = need.address\
            """
                .formatted(byListener ? "need.listener" : "''", Need.TOO_OLD.label()),
            " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3",
            row ->
                new NeedCount(
                    row.getString(1),
                    need(row.getString(2)),
                    TlsVersion.ofCode((int) row.getLong(3)),
                    row.getLong(4)));
  }

  static List<DayCount> days(Sql sql, NeedFilter filter) throws SQLException {
    long width = Inventory.DAY.toMillis();
    return selection(filter, "last_seen", "listener", "address_key")
        .list(
            sql,
            """
            SELECT seen.day, count(*) FROM (
            SELECT address, min(first_seen) AS begins, max(last_seen) AS ends FROM device_need\
            """,
            """
             GROUP BY address) need
            JOIN device_day seen ON seen.address = need.address
            AND seen.day >= need.begins / %1$s AND seen.day <= need.ends / %1$s
            WHERE seen.day >= ? GROUP BY seen.day ORDER BY seen.day
            """
                .formatted(Long.toString(width)),
            row -> new DayCount(LocalDate.ofEpochDay(row.getLong(1)), row.getLong(2)),
            Math.floorDiv(filter.since().toEpochMilli(), width));
  }

  static void uses(Sql sql, NeedFilter filter, SqlConsumer<ListenerUse> consumer)
      throws SQLException {
    selection(filter, "fact.last_seen", "fact.value", "device.address_key")
        .and("fact.kind = " + Selection.quoted(FactKind.LISTENER))
        .each(
            sql,
            "SELECT fact.address, fact.value FROM device_fact fact"
                + (filter.subnet().isPresent()
                    ? " JOIN device ON device.address = fact.address"
                    : ""),
            " ORDER BY fact.address",
            row -> consumer.accept(new ListenerUse(row.getString(1), row.getString(2))));
  }

  private static Selection selection(
      NeedFilter filter, String lastSeen, String listener, String addressKey) {
    Selection selection = new Selection().and(lastSeen + " >= ?", filter.since().toEpochMilli());
    filter.listener().ifPresent(name -> selection.and(listener + " = ?", name));
    filter.subnet().ifPresent(block -> selection.within(addressKey, block));
    return selection;
  }

  /** The observation periods of all listeners, ordered by name. */
  static List<ListenerWatch> watches(Sql sql, Instant countFrom) throws SQLException {
    List<ListenerWatch> days =
        sql.list(
            "SELECT listener, watched_from, watched_to, CASE WHEN day < ? THEN 0 ELSE dropped"
                + " END FROM listener_watch ORDER BY listener, day DESC",
            row ->
                new ListenerWatch(
                    row.getString(1),
                    Instant.ofEpochMilli(row.getLong(2)),
                    Instant.ofEpochMilli(row.getLong(3)),
                    row.getLong(4)),
            Math.floorDiv(countFrom.toEpochMilli(), Inventory.DAY.toMillis()));
    List<ListenerWatch> watches = new ArrayList<>();
    boolean interrupted = false;
    for (ListenerWatch day : days) {
      ListenerWatch later = watches.isEmpty() ? null : watches.get(watches.size() - 1);
      if (later == null || !later.listener().equals(day.listener())) {
        watches.add(day);
        interrupted = false;
      } else if (!interrupted) {
        Duration pause = Duration.between(day.until(), later.since());
        interrupted = pause.compareTo(ListenerWatch.SHORT) > 0;
        if (!interrupted) {
          watches.set(
              watches.size() - 1,
              new ListenerWatch(
                  day.listener(), day.since(), later.until(), later.dropped() + day.dropped()));
        }
      }
    }
    return watches;
  }
}
