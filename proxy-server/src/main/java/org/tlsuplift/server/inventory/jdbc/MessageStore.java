package org.tlsuplift.server.inventory.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.record.Row;

/**
 * Writes messages, and deletes the oldest beyond the limit. Not thread-safe.
 *
 * <p>The table exceeds the limit by a twentieth at most, and by as much for each further daemon
 * that writes to it.
 */
final class MessageStore {
  private static final String INSERT =
      "INSERT INTO message (id, ended_at, address, address_key, session, listener, account, sender,"
          + " recipients, recipient_count, accepted_count, size, millis, outcome, refusal, reply,"
          + " device_tls, origin_tls) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (id) DO NOTHING";

  private final int max;

  /** The messages written since the last check of the limit; the first ones are checked at once. */
  private int unchecked;

  MessageStore(int max) {
    this.max = max;
    this.unchecked = max;
  }

  void write(Sql sql, List<MessageRecord> messages) throws SQLException {
    if (messages.isEmpty()) {
      return;
    }
    sql.batch(INSERT, messages, MessageStore::bind);
    unchecked += messages.size();
    if (unchecked > max / 20) {
      unchecked = 0;
      sql.update(
          "DELETE FROM message WHERE id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET ?)",
          max);
    }
  }

  private static void bind(PreparedStatement statement, MessageRecord message) throws SQLException {
    DeviceAddress address = DeviceAddress.of(message.device());
    statement.setString(1, message.id());
    statement.setLong(2, message.at().toEpochMilli());
    statement.setString(3, address.text());
    statement.setString(4, address.key());
    statement.setString(5, message.session());
    statement.setString(6, message.listener());
    statement.setString(7, message.account());
    statement.setString(8, message.sender());
    statement.setString(9, String.join("\n", message.recipients()));
    statement.setLong(10, message.recipientCount());
    statement.setLong(11, message.acceptedRecipients());
    statement.setLong(12, message.size());
    statement.setLong(13, message.duration().toMillis());
    statement.setString(14, message.outcome().label());
    statement.setString(15, message.refusal());
    statement.setString(16, message.reply());
    statement.setString(17, message.deviceTls());
    statement.setString(18, message.originTls());
  }

  /** The rows whose devices are in the inventory: so their number is bounded as theirs is. */
  static List<Row> ofKnownDevices(Sql sql, List<Row> days) throws SQLException {
    Set<String> addresses = new LinkedHashSet<>();
    days.forEach(day -> addresses.add(day.text("address")));
    Set<String> known = Store.known(sql, addresses);
    return days.stream().filter(day -> known.contains(day.text("address"))).toList();
  }

  static void deleteBefore(Sql sql, Instant oldest) throws SQLException {
    sql.update("DELETE FROM message WHERE id < ?", MessageRecord.idBegin(oldest));
  }
}
