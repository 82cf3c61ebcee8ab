package org.tlsuplift.server.inventory;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of the devices. Asks the database on the calling thread; thread-safe. */
public interface Inventory {
  /** Devices of one page. */
  DevicePage devices(DeviceQuery query) throws SQLException;

  /** All that is known of one device, by its address. */
  Optional<DeviceHistory> device(String address) throws SQLException;

  /** How many devices of those that match have each verdict; each verdict is there. */
  Map<Verdict, Long> verdicts(DeviceFilter filter) throws SQLException;

  /**
   * Totals of the listeners.
   *
   * @param width of the stretches of time: {@link #FINE} or {@link #DAY}
   * @param from the first moment, inclusive
   * @param to the last moment, exclusive
   * @return in the order of time, then of names; stretches in which nothing happened are left out
   */
  List<ListenerTotal> totals(Duration width, Instant from, Instant to) throws SQLException;

  /** Kept for three days. */
  Duration FINE = SightingRows.FINE;

  /** Kept as long as devices are; days of UTC. */
  Duration DAY = SightingRows.DAY;
}
