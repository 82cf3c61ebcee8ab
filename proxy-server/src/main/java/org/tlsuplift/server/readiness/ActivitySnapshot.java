package org.tlsuplift.server.readiness;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.Verdict;

/**
 * The inventory's figures at one time. Queries the inventory on the calling thread.
 *
 * @param now the end of all periods
 */
public record ActivitySnapshot(Inventory inventory, Instant now) {
  private static final Duration RECENT_PERIOD = Duration.ofHours(24);
  private static final Duration USE_PERIOD = Duration.ofDays(30);

  /**
   * A date that Microsoft announced, and the number of devices that it may affect.
   *
   * @param devices the devices that used its destinations in the last 30 days
   */
  public record AffectedDevices(MicrosoftDate date, long devices) {}

  /** The number of devices per verdict; every verdict is a key. */
  public Map<Verdict, Long> verdicts() throws SQLException {
    return inventory.verdicts(DeviceFilter.ALL);
  }

  /** Legacy and modern handshakes. */
  public HandshakeTotals handshakes(TimeRange timeRange) throws SQLException {
    Instant from = timeRange.from(now);
    long[][] sums = new long[timeRange.stretches()][3];
    for (ListenerTotal total :
        inventory.totals(timeRange.read(), from, now.plus(timeRange.read()))) {
      int index = timeRange.index(from, total.start());
      if (index < sums.length) {
        sums[index][0] += total.legacyHandshakes();
        sums[index][1] += total.modernHandshakes();
        sums[index][2] += total.plaintextSessions();
      }
    }
    List<HandshakeTotals.Stretch> stretches = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      stretches.add(
          new HandshakeTotals.Stretch(
              timeRange.start(from, i), sums[i][0], sums[i][1], sums[i][2]));
    }
    return new HandshakeTotals(timeRange, stretches);
  }

  /** Failed sessions in the last 24 hours, by the labels of log and metrics. */
  public List<FactCount> failures() throws SQLException {
    return inventory.counts(FactKind.FAILURE, now.minus(RECENT_PERIOD));
  }

  /** Refusals by Microsoft 365 in the last 24 hours, by the labels of log and metrics. */
  public List<FactCount> refusals() throws SQLException {
    return inventory.counts(FactKind.REPLY, now.minus(RECENT_PERIOD));
  }

  /** The latest problems that no later success of the device at the same origin has ended. */
  public List<FactCount> openProblems(FactKind kind) throws SQLException {
    return inventory.openProblems(kind, now.minus(Inventory.PROBLEM_STAYS));
  }

  /** The known origins of an open problem, by descending number of devices. */
  public List<FactCount> origins(FactKind kind, String problem) throws SQLException {
    return inventory.origins(kind, problem, now.minus(Inventory.PROBLEM_STAYS));
  }

  /**
   * The announced dates that affect devices seen in the last 30 days.
   *
   * @param signIn the listeners on which TLS Uplift signs in, so that no password of a device
   *     reaches Microsoft 365
   */
  public List<AffectedDevices> concerns(Set<String> signIn) throws SQLException {
    List<AffectedDevices> concerns = new ArrayList<>();
    for (MicrosoftDate date : MicrosoftDate.ALL) {
      long devices =
          inventory.devices(
              date.destinations(), date.ofPasswords() ? signIn : Set.of(), now.minus(USE_PERIOD));
      if (devices > 0) {
        concerns.add(new AffectedDevices(date, devices));
      }
    }
    return concerns;
  }
}
