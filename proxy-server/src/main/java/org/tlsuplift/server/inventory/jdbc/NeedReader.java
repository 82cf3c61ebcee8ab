package org.tlsuplift.server.inventory.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.ListenerUse;
import org.tlsuplift.server.inventory.ListenerWatch;
import org.tlsuplift.server.inventory.Need;
import org.tlsuplift.server.inventory.NeedFilter;
import org.tlsuplift.server.inventory.Sink;
import org.tlsuplift.server.inventory.record.SightingRows;

/** Reads needs, and how long they have been watched. Rows are handed on one by one. */
final class NeedReader {
  /** So many rows come from the server at once. */
  static final int FETCHED = 2_000;

  private NeedReader() {}

  static void needs(Connection connection, NeedFilter filter, Sink<ListenerNeed> sink)
      throws SQLException {
    String sql =
        "SELECT address, listener, need, first_seen, last_seen, times FROM device_need WHERE"
            + " last_seen >= ?"
            + (filter.listener().isPresent() ? " AND listener = ?" : "")
            + within("address_key", filter)
            + " ORDER BY address";
    each(
        connection,
        sql,
        filter,
        row ->
            sink.take(
                new ListenerNeed(
                    row.getString(1),
                    row.getString(2),
                    Need.ofLabel(row.getString(3)),
                    Instant.ofEpochMilli(row.getLong(4)),
                    Instant.ofEpochMilli(row.getLong(5)),
                    row.getLong(6))));
  }

  static void uses(Connection connection, NeedFilter filter, Sink<ListenerUse> sink)
      throws SQLException {
    String sql =
        "SELECT fact.address, fact.value FROM device_fact fact"
            + (filter.subnet().isPresent() ? " JOIN device ON device.address = fact.address" : "")
            + " WHERE fact.kind = "
            + Selection.quoted(FactKind.LISTENER)
            + " AND fact.last_seen >= ?"
            + (filter.listener().isPresent() ? " AND fact.value = ?" : "")
            + within("device.address_key", filter)
            + " ORDER BY fact.address";
    each(
        connection,
        sql,
        filter,
        row -> sink.take(new ListenerUse(row.getString(1), row.getString(2))));
  }

  private static String within(String column, NeedFilter filter) {
    return filter.subnet().map(block -> " AND " + DeviceAddress.within(column, block)).orElse("");
  }

  private interface Rows {
    void take(ResultSet row) throws SQLException;
  }

  private static void each(Connection connection, String sql, NeedFilter filter, Rows sink)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(FETCHED);
      int mark = 1;
      statement.setLong(mark++, filter.since().toEpochMilli());
      if (filter.listener().isPresent()) {
        statement.setString(mark++, filter.listener().get());
      }
      if (filter.subnet().isPresent()) {
        for (String bound : DeviceAddress.bounds(filter.subnet().get())) {
          statement.setString(mark++, bound);
        }
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sink.take(rows);
        }
      }
    }
  }

  /** Each listener that was ever watched, in the order of names. */
  static List<ListenerWatch> watches(Connection connection, Instant countFrom) throws SQLException {
    List<ListenerWatch> watches = new ArrayList<>();
    String sql =
        "SELECT listener, watched_from, watched_to, CASE WHEN day < "
            + Math.floorDiv(countFrom.toEpochMilli(), SightingRows.DAY.toMillis())
            + " THEN 0 ELSE dropped END FROM listener_watch ORDER BY listener, day DESC";
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet rows = statement.executeQuery()) {
      boolean interrupted = false;
      while (rows.next()) {
        ListenerWatch day =
            new ListenerWatch(
                rows.getString(1),
                Instant.ofEpochMilli(rows.getLong(2)),
                Instant.ofEpochMilli(rows.getLong(3)),
                rows.getLong(4));
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
    }
    return watches;
  }
}
