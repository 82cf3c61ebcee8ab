package org.tlsuplift.server.inventory;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Answers questions about devices. Queries the database on the calling thread. Thread-safe. */
public interface Inventory {
  /** The short stretches of {@link #totals}, kept for three days. */
  Duration FINE = Duration.ofMinutes(5);

  /** The long stretches of {@link #totals}: days of UTC, kept as long as devices are. */
  Duration DAY = Duration.ofDays(1);

  DevicePage devices(DeviceQuery query) throws SQLException;

  /** All devices that match, for lists of any length. */
  DeviceList list(DeviceFilter filter, DeviceSort sort, boolean descending) throws SQLException;

  Optional<DeviceHistory> device(String address) throws SQLException;

  /** How many devices of those that match have each verdict; each verdict is there. */
  Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException;

  /** The devices that match, by what is to be done about them, in no order. */
  List<DeviceGroup> groups(DeviceFilter filter) throws SQLException;

  /**
   * The values of a kind that devices showed.
   *
   * @param since values that a device has not shown since then are left out
   * @return the values in descending order of devices
   */
  List<FactCount> counts(FactKind kind, Instant since) throws SQLException;

  /** How many devices have shown one of these values, not counting those before that moment. */
  long devices(FactKind kind, Set<String> values, Instant since) throws SQLException;

  /**
   * Totals of the listeners.
   *
   * @param width of the stretches of time: {@link #FINE} or {@link #DAY}
   * @param from the first moment, inclusive
   * @param to the last moment, exclusive
   * @return in the order of time, then of names; stretches in which nothing happened are left out
   */
  List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException;

  /**
   * What devices needed that a modern listener does not offer.
   *
   * @param consumer takes them one by one, those of one device together
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
   * @param consumer takes them one by one, those of one device together
   */
  void uses(NeedFilter filter, SqlConsumer<ListenerUse> consumer) throws SQLException;

  /**
   * How long each listener has been watched, in the order of their names.
   *
   * @param countFrom what was dropped is counted from the day of this moment on
   */
  List<ListenerWatch> watches(Instant countFrom) throws SQLException;

  /** The known ones of these addresses, in no order, without listeners and destinations. */
  List<DeviceRecord> devices(Collection<String> addresses) throws SQLException;
}
