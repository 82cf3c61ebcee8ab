package org.tlsuplift.server.inventory;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.server.database.SqlConsumer;

/**
 * Answers queries about devices from the database, and keeps what people know about them. All
 * methods block. Thread-safe.
 */
public interface Inventory {
  /** The short periods of {@link #totals}, kept for three days. */
  Duration FINE = Duration.ofMinutes(5);

  /** The long periods of {@link #totals}: days of UTC, kept as long as devices. */
  Duration DAY = Duration.ofDays(1);

  /** A problem that no success has ended needs an operator for this time. */
  Duration PROBLEM_STAYS = Duration.ofHours(24);

  DevicePage devices(DeviceQuery query) throws SQLException;

  /** All matching devices, for lists of any length. */
  DeviceList list(DeviceFilter filter, DeviceSort sort, boolean descending) throws SQLException;

  Optional<DeviceHistory> device(String address) throws SQLException;

  /** The number of matching devices for each verdict; contains every verdict. */
  Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException;

  /** The matching devices, grouped by remedy, unordered. */
  List<DeviceGroup> groups(DeviceFilter filter) throws SQLException;

  /**
   * The values of a kind, by descending number of devices.
   *
   * @param since counts only devices that had the value since this moment
   */
  List<FactCount> counts(FactKind kind, Instant since) throws SQLException;

  /**
   * The problems of a kind that no later {@link Success} of the device at the same origin has
   * ended, by descending number of devices.
   *
   * @param kind {@link FactKind#FAILURE} or {@link FactKind#REPLY}
   * @param since counts only devices that had the problem since this moment
   */
  List<FactCount> openProblems(FactKind kind, Instant since) throws SQLException;

  /**
   * The known origins of an open problem, by descending number of devices.
   *
   * @param since counts only devices that had the problem there since this moment
   */
  List<FactCount> origins(FactKind kind, String problem, Instant since) throws SQLException;

  /**
   * The number of devices that used one of these destinations since this moment.
   *
   * @param except devices that used only these listeners do not count
   */
  long devices(Set<String> destinations, Set<String> except, Instant since) throws SQLException;

  /**
   * Totals of the listeners.
   *
   * @param width of the periods: {@link #FINE} or {@link #DAY}
   * @param from inclusive
   * @param to exclusive
   * @return ordered by time and listener name; empty periods are omitted
   */
  List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException;

  /**
   * Reads the needs of devices that a modern listener does not meet.
   *
   * @param consumer receives all needs of a device in a row
   */
  void needs(NeedFilter filter, SqlConsumer<ListenerNeed> consumer) throws SQLException;

  /**
   * The number of devices with each need, the most common first. A device with several needs counts
   * once for each.
   *
   * @param byListener whether to count for each listener instead of for all together
   */
  List<NeedCount> needCounts(NeedFilter filter, boolean byListener) throws SQLException;

  /**
   * The number of devices with a need on each UTC day, in the order of days. Days without such
   * devices are omitted.
   *
   * @param filter selects the needs; {@code since} also sets the first day
   */
  List<DayCount> needsByDay(NeedFilter filter) throws SQLException;

  /**
   * Reads which listeners devices used.
   *
   * @param consumer receives all listeners of a device in a row
   */
  void uses(NeedFilter filter, SqlConsumer<ListenerUse> consumer) throws SQLException;

  /**
   * The observation period of each listener, by name.
   *
   * @param countFrom lost records count from this UTC day on
   */
  List<ListenerWatch> watches(Instant countFrom) throws SQLException;

  /**
   * Writes what people know about devices.
   *
   * @return the addresses of those whose notes another person has changed since {@code before}, or
   *     that are gone: theirs are not written
   */
  List<String> write(List<NotesChange> changes) throws SQLException;

  /** Other notes for the device with this address. */
  record NotesChange(String address, DeviceNotes before, DeviceNotes after) {}

  /** The known devices among these addresses, unordered, without listeners and destinations. */
  List<DeviceRecord> devices(Collection<String> addresses) throws SQLException;

  /** The names of devices by their addresses; none while the database is unreachable. */
  default Map<String, String> labels(List<String> addresses) {
    try {
      return devices(addresses).stream()
          .collect(Collectors.toMap(DeviceRecord::address, DeviceRecord::label));
    } catch (SQLException away) {
      return Map.of();
    }
  }
}
