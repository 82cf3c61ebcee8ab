package org.tlsuplift.server.inventory.jdbc;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessagePage;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;

/** Reads messages from the database. */
public final class JdbcMessages implements Messages {
  private static final String SELECT =
      "SELECT message.id, ended_at, message.address, session, listener, account, sender,"
          + " recipients, recipient_count, accepted_count, size, millis, outcome, refusal, reply,"
          + " device_tls, origin_tls, COALESCE(device.name, '') FROM message LEFT JOIN device ON"
          + " device.address = message.address";

  private final Database database;
  private final LatestFirst<StoredMessage> rows;

  public JdbcMessages(Database database) {
    this.database = database;
    rows =
        new LatestFirst<>(
            database,
            "message",
            SELECT,
            row -> new StoredMessage(message(row), row.getString(18)),
            stored -> stored.message().id());
  }

  @Override
  public MessagePage page(MessageFilter filter, int offset, int limit) throws SQLException {
    if (offset < 0 || limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException(
          "limit must be 1 to " + MAX_LIMIT + ", and offset at least 0");
    }
    Selection selection = MessageSelection.of(filter);
    return database.read(
        sql ->
            new MessagePage(
                rows.page(sql, selection, offset, limit), selection.count(sql, "message")));
  }

  @Override
  public void forEach(MessageFilter filter, long most, MessageConsumer consumer)
      throws SQLException, IOException {
    rows.forEach(MessageSelection.of(filter), most, consumer::accept);
  }

  private static MessageRecord message(ResultSet row) throws SQLException {
    return new MessageRecord(
        row.getString(1),
        Instant.ofEpochMilli(row.getLong(2)),
        row.getString(4),
        row.getString(5),
        address(row.getString(3)),
        row.getString(6),
        row.getString(7),
        row.getString(8).lines().toList(),
        row.getInt(9),
        row.getInt(10),
        row.getLong(11),
        Duration.ofMillis(row.getLong(12)),
        Labelled.of(row.getString(13), MessageOutcome.values(), MessageOutcome.UNKNOWN),
        row.getString(14),
        row.getString(15),
        row.getString(16),
        row.getString(17));
  }

  private static InetAddress address(String text) throws SQLException {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
    if (address == null) {
      throw new SQLException("not an address in table message: " + text);
    }
    return address;
  }

  @Override
  public List<SilentSender> silentSenders(Instant now) throws SQLException {
    long today = Math.floorDiv(now.toEpochMilli(), Inventory.DAY.toMillis());
    return database.read(
        sql -> {
          SilentSenders found = new SilentSenders(now);
          sql.each(
              "SELECT message_day.address, device.name, day, accepted_at FROM message_day JOIN"
                  + " device ON device.address = message_day.address WHERE day > ? AND accepted"
                  + " > 0 ORDER BY message_day.address, day",
              row ->
                  found.add(
                      new Day(
                          row.getString(1),
                          row.getString(2),
                          row.getLong(3),
                          Instant.ofEpochMilli(row.getLong(4)))),
              today - SilentSender.WINDOW_DAYS);
          return found.end();
        });
  }

  /** A day on which a device sent accepted mail. */
  private record Day(String address, String name, long day, Instant latest) {}

  /** Takes the days in the order of addresses, and holds those of one device. */
  private static final class SilentSenders {
    private final Instant now;
    private final List<SilentSender> found = new ArrayList<>();
    private final List<Day> device = new ArrayList<>();

    SilentSenders(Instant now) {
      this.now = now;
    }

    void add(Day day) {
      if (!device.isEmpty() && !device.get(0).address().equals(day.address())) {
        judge();
      }
      device.add(day);
    }

    List<SilentSender> end() {
      judge();
      found.sort(Comparator.comparing(SilentSender::latest));
      return found;
    }

    private void judge() {
      if (device.isEmpty()) {
        return;
      }
      List<Long> days = device.stream().map(Day::day).toList();
      Day last = device.get(device.size() - 1);
      if (SilentSender.isSilent(days, last.latest(), now)) {
        found.add(
            new SilentSender(
                last.address(),
                last.name(),
                last.latest(),
                days.size(),
                SilentSender.longestPause(days)));
      }
      device.clear();
    }
  }
}
