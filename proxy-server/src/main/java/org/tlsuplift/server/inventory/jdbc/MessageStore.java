package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.server.database.Sql;
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
    sql.batch(INSERT, messages, MessageStore::values);
    unchecked += messages.size();
    if (unchecked > max / 20) {
      unchecked = 0;
      sql.update(
          "DELETE FROM message WHERE id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET"
              + " ?)",
          max);
    }
  }

  private static List<?> values(MessageRecord message) {
    DeviceAddress address = DeviceAddress.of(message.device());
    return List.of(
        message.id(),
        message.at().toEpochMilli(),
        address.text(),
        address.key(),
        message.session(),
        message.listener(),
        message.account(),
        message.sender(),
        String.join("\n", message.recipients()),
        message.recipientCount(),
        message.acceptedRecipients(),
        message.size(),
        message.duration().toMillis(),
        message.outcome().label(),
        message.refusal(),
        message.reply(),
        message.deviceTls(),
        message.originTls());
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
