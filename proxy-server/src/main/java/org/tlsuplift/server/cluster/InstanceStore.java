package org.tlsuplift.server.cluster;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.tlsuplift.server.database.Database;
import org.tlsuplift.server.database.Sql;

/**
 * What the instances keep in their database. All methods block; each is one transaction.
 *
 * <p>An instance that has not reported for {@link #LEASE} no longer counts: its sessions are given
 * to others. All times are those of the database server, so clocks of instances may differ.
 */
final class InstanceStore {
  /** Longer than three reports, so that one that is late changes nothing. */
  static final Duration LEASE = Duration.ofSeconds(5);

  private static final String LIVE = "seen > clock_timestamp() - interval '5 seconds'";

  /** Instances of the last day are listed, so that one that is gone can be seen. */
  private static final String FORGOTTEN = "seen < clock_timestamp() - interval '1 day'";

  private final Database database;
  private final UUID self = UUID.randomUUID();

  InstanceStore(Database database) {
    this.database = database;
  }

  void migrate() throws SQLException {
    database.migrate(Instances.SCHEMA);
  }

  /**
   * Reports that this instance lives, and which sessions it holds. Those that others have counted
   * as ended, because a report was late, count again.
   *
   * @param held the mailbox of each session
   * @return the number of live instances, at least 1
   */
  int report(InstanceReport report, Map<UUID, String> held) throws SQLException {
    return database.runTogether(
        sql -> {
          sql.update(
              "INSERT INTO uplift_instance (id, name, version, generation, sessions, ca, staged_ca,"
                  + " started, seen)"
                  + " VALUES (?, ?, ?, ?, ?, ?, ?, clock_timestamp(), clock_timestamp())"
                  + " ON CONFLICT (id) DO UPDATE SET generation = excluded.generation,"
                  + " sessions = excluded.sessions, ca = excluded.ca,"
                  + " staged_ca = excluded.staged_ca, seen = excluded.seen",
              self,
              report.name(),
              report.version(),
              report.generation(),
              report.sessions(),
              report.ca(),
              report.stagedCa());
          insert(sql, held);
          return (int) sql.number("SELECT count(*) FROM uplift_instance WHERE " + LIVE);
        });
  }

  private void insert(Sql sql, Map<UUID, String> held) throws SQLException {
    sql.batch(
        "INSERT INTO uplift_mailbox_session (id, mailbox, instance) VALUES (?, ?, ?)"
            + " ON CONFLICT (id) DO NOTHING",
        held.entrySet(),
        session -> List.of(session.getKey(), session.getValue(), self));
  }

  /** Removes instances that were last seen a day ago, and messages that count no more. */
  void clean() throws SQLException {
    database.change(
        sql -> {
          sql.update("DELETE FROM uplift_instance WHERE " + FORGOTTEN);
          sql.update(
              "DELETE FROM uplift_mailbox_message"
                  + " WHERE sent <= clock_timestamp() - interval '60 seconds'");
        });
  }

  /** Ends this instance: the others get its sessions at once. */
  void leave() throws SQLException {
    database.change(sql -> sql.update("DELETE FROM uplift_instance WHERE id = ?", self));
  }

  /**
   * Takes a session of a mailbox if fewer than the limit are taken.
   *
   * @param id a new id of the session
   * @return whether it was taken
   */
  boolean takeSession(UUID id, String mailbox, int limit) throws SQLException {
    return database.runTogether(
        sql -> {
          lock(sql, mailbox);
          sql.update(
              "DELETE FROM uplift_mailbox_session USING uplift_instance"
                  + " WHERE uplift_mailbox_session.instance = uplift_instance.id"
                  + " AND mailbox = ? AND instance <> ? AND NOT "
                  + LIVE,
              mailbox,
              self);
          long taken =
              sql.number("SELECT count(*) FROM uplift_mailbox_session WHERE mailbox = ?", mailbox);
          if (taken >= limit) {
            return false;
          }
          insert(sql, Map.of(id, mailbox));
          return true;
        });
  }

  /** Gives sessions back; those that are not taken are ignored. */
  void endSessions(Collection<UUID> ids) throws SQLException {
    database.change(
        sql ->
            sql.update(
                "DELETE FROM uplift_mailbox_session WHERE id = ANY (?)", sql.array("uuid", ids)));
  }

  /** Gives back all sessions of this instance that are not among these. */
  void keepSessions(Collection<UUID> ids) throws SQLException {
    database.change(
        sql ->
            sql.update(
                "DELETE FROM uplift_mailbox_session WHERE instance = ? AND id <> ALL (?)",
                self,
                sql.array("uuid", ids)));
  }

  /**
   * Counts a message of a mailbox if fewer than the limit were sent in the last 60 seconds.
   *
   * @return zero if it was counted, otherwise the time until the next message
   */
  Duration takeMessage(String mailbox, int limit) throws SQLException {
    return database.runTogether(
        sql -> {
          lock(sql, mailbox);
          List<Long> waits =
              sql.list(
                  "SELECT 1 + ceil(extract(epoch FROM"
                      + " sent + interval '60 seconds' - clock_timestamp()) * 1000)"
                      + " FROM uplift_mailbox_message WHERE mailbox = ?"
                      + " AND sent > clock_timestamp() - interval '60 seconds' ORDER BY sent",
                  row -> row.getLong(1),
                  mailbox);
          if (waits.size() >= limit) {
            return Duration.ofMillis(Math.max(1, waits.get(waits.size() - limit)));
          }
          sql.update(
              "INSERT INTO uplift_mailbox_message (mailbox, sent) VALUES (?, clock_timestamp())",
              mailbox);
          return Duration.ZERO;
        });
  }

  /** Counts messages that were sent while the database did not respond, whatever the limit is. */
  void countMessages(Collection<UncountedMessages.Sent> sent) throws SQLException {
    database.change(
        sql ->
            sql.batch(
                "INSERT INTO uplift_mailbox_message (mailbox, sent)"
                    + " VALUES (?, clock_timestamp() - ? * interval '1 millisecond')",
                sent,
                each -> List.of(each.mailbox(), each.age().toMillis())));
  }

  /** One transaction after the other decides about a mailbox. */
  private static void lock(Sql sql, String mailbox) throws SQLException {
    sql.each(
        "SELECT pg_advisory_xact_lock(hashtext('tls-uplift'), hashtext(?))", row -> {}, mailbox);
  }

  /** All instances of the last day, in the order of their names. */
  List<Instance> list() throws SQLException {
    return database.runTogether(
        sql ->
            sql.list(
                "SELECT id, name, version, generation, sessions, ca, staged_ca, seen, "
                    + LIVE
                    + " AS live FROM uplift_instance ORDER BY name, started",
                row ->
                    new Instance(
                        new InstanceReport(
                            row.getString("name"),
                            row.getString("version"),
                            row.getLong("generation"),
                            row.getInt("sessions"),
                            row.getString("ca"),
                            row.getString("staged_ca")),
                        row.getTimestamp("seen").toInstant(),
                        row.getBoolean("live"),
                        self.equals(row.getObject("id")))));
  }
}
