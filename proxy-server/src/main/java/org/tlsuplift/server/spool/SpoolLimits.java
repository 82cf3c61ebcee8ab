package org.tlsuplift.server.spool;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.DeviceAddress;

/**
 * Counts what waits and what is arriving: at most {@value #MESSAGES} messages and a number of
 * bytes, and half of both for each device and for each account. Thread-safe.
 */
final class SpoolLimits {
  private static final int MESSAGES = 10_000;

  /** Each has up to two parts in memory. */
  private static final int ARRIVING = 500;

  /**
   * One device or account may have this part of what it and nobody have yet. So its share shrinks
   * as others arrive, and as many as this that never end their data stop half of all at most.
   */
  private static final int PART_OF_ONE = 10;

  private static final String ALL = "all devices";
  private static final String NUMBER = "number ";

  /** The bytes of all, of a device or of an account; with a prefix, the number of messages. */
  private final Map<String, Long> arriving = new HashMap<>();

  private Map<String, Long> waiting = new HashMap<>();

  /** Counts a message that begins to arrive. Returns the reply if it may not, or null. */
  synchronized @Nullable String begin(MessageEnvelope envelope) {
    long free = ARRIVING - arriving.getOrDefault(NUMBER + ALL, 0L);
    for (String subject : subjects(text(envelope), envelope.account())) {
      long own = subject.equals(ALL) ? 0 : arriving.getOrDefault(NUMBER + subject, 0L);
      if (own * PART_OF_ONE + PART_OF_ONE > free + own) {
        return "451 4.3.2 Too many messages of " + subject + " arrive at once; try again later";
      }
    }
    arrive(envelope, 1, 0);
    return null;
  }

  /** The reply to a device that has reached a limit, or null. */
  synchronized @Nullable String refusal(MessageEnvelope envelope, long maximumSize) {
    for (String subject : subjects(text(envelope), envelope.account())) {
      int share = subject.equals(ALL) ? 1 : 2;
      if (sum(subject) > maximumSize / share || sum(NUMBER + subject) > MESSAGES / share) {
        return "452 4.3.1 Too much mail of " + subject + " waits here; try again later";
      }
    }
    return null;
  }

  private long sum(String key) {
    return waiting.getOrDefault(key, 0L) + arriving.getOrDefault(key, 0L);
  }

  private static List<String> subjects(String device, String account) {
    return account.isEmpty() ? List.of(ALL, device) : List.of(ALL, device, account);
  }

  private static String text(MessageEnvelope envelope) {
    return DeviceAddress.of(envelope.device()).text();
  }

  /** Changes what arrives. */
  synchronized void arrive(MessageEnvelope envelope, long messages, long bytes) {
    add(arriving, text(envelope), envelope.account(), messages, bytes);
  }

  /** Changes what waits. */
  synchronized void wait(MessageEnvelope envelope, long messages, long bytes) {
    add(waiting, text(envelope), envelope.account(), messages, bytes);
  }

  /** Counts what waits in the database. */
  void read(Sql sql) throws SQLException {
    Map<String, Long> found = new HashMap<>();
    sql.each(
        "SELECT device, account, count(*), sum(size) FROM spool_message GROUP BY device, account",
        row -> add(found, row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)));
    synchronized (this) {
      waiting = found;
    }
  }

  private static void add(Map<String, Long> to, String device, String account, long n, long bytes) {
    for (String subject : subjects(device, account)) {
      to.merge(NUMBER + subject, n, SpoolLimits::orNone);
      to.merge(subject, bytes, SpoolLimits::orNone);
    }
  }

  /** A map without zeros stays small. */
  private static @Nullable Long orNone(long one, long other) {
    return one + other == 0 ? null : one + other;
  }
}
