package org.tlsuplift.server.inventory;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Queries the database on the calling thread. Thread-safe. */
public interface Inventory {
  /** The short periods of {@link #totals}, kept for three days. */
  Duration FINE = Duration.ofMinutes(5);

  /** The long periods of {@link #totals}: days of UTC, kept as long as devices. */
  Duration DAY = Duration.ofDays(1);

  DevicePage devices(DeviceQuery query) throws SQLException;

  /** All matching devices, for lists of any length. */
  DeviceList list(DeviceFilter filter, DeviceSort sort, boolean descending) throws SQLException;

  Optional<DeviceHistory> device(String address) throws SQLException;

  /** The number of matching devices for each verdict; contains every verdict. */
  Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException;

  /** The devices that match, by what is to be done about them, in no order. */
  List<DeviceGroup> groups(DeviceFilter filter) throws SQLException;

  /**
   * The values of a kind, by descending number of devices.
   *
   * @param since excludes values that a device has not shown since then
   */
  List<FactCount> counts(FactKind kind, Instant since) throws SQLException;

  /** The number of devices that showed one of these values since then. */
  long devices(FactKind kind, Set<String> values, Instant since) throws SQLException;

  /**
   * Totals of the listeners.
   *
   * @param width of the periods: {@link #FINE} or {@link #DAY}
   * @param from inclusive
   * @param to exclusive
   * @return in the order of time and names, without empty periods
   */
  List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException;

  /**
   * What devices needed that a modern listener does not offer.
   *
   * @param consumer gets the needs of one device together
   */
  void needs(NeedFilter filter, SqlConsumer<ListenerNeed> consumer) throws SQLException;

  /**
   * How many devices have shown each need, the most common first. A device with several needs is
   * counted for each.
   *
   * @param byListener whether to count for each listener; otherwise for all together
   */
  List<NeedCount> needCounts(NeedFilter filter, boolean byListener) throws SQLException;

  /**
   * How many devices with a need were seen on each day, in the order of days. Days without any are
   * left out.
   *
   * @param filter selects the needs; the days begin with that of its moment
   */
  List<DayCount> needsByDay(NeedFilter filter) throws SQLException;

  /**
   * Which listeners devices used.
   *
   * @param consumer gets the listeners of one device together
   */
  void uses(NeedFilter filter, SqlConsumer<ListenerUse> consumer) throws SQLException;

  /**
   * The observation period of each listener, by name.
   *
   * @param countFrom counts losses from the day of this moment on
   */
  List<ListenerWatch> watches(Instant countFrom) throws SQLException;

  /** The known devices among these addresses, unordered, without listeners and destinations. */
  List<DeviceRecord> devices(Collection<String> addresses) throws SQLException;
}
