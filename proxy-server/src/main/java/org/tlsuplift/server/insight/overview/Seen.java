package org.tlsuplift.server.insight.overview;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerTotal;
import org.tlsuplift.server.inventory.Verdict;

/** What was seen, read from an inventory at a moment. Asks it on the calling thread. */
public final class Seen {
  private static final Duration OF_LATE = Duration.ofHours(24);
  private static final Duration CONCERNED = Duration.ofDays(30);

  private final Inventory inventory;
  private final Instant now;

  /**
   * What is in there.
   *
   * @param now the moment from which one looks back
   */
  public Seen(Inventory inventory, Instant now) {
    this.inventory = inventory;
    this.now = now;
  }

  /** How many devices have each verdict; each verdict is there. */
  public Map<Verdict, Long> verdicts() throws SQLException {
    return inventory.verdicts(DeviceFilter.ALL);
  }

  /** Legacy and modern handshakes. */
  public Handshakes handshakes(Span span) throws SQLException {
    Instant from = span.from(now);
    long[][] sums = new long[span.stretches()][3];
    for (ListenerTotal total : inventory.totals(span.read(), from, now.plus(span.read()))) {
      int index = span.index(from, total.start());
      if (index < sums.length) {
        sums[index][0] += total.legacyHandshakes();
        sums[index][1] += total.modernHandshakes();
        sums[index][2] += total.plaintextSessions();
      }
    }
    List<Handshakes.Stretch> stretches = new ArrayList<>();
    for (int i = 0; i < sums.length; i++) {
      stretches.add(
          new Handshakes.Stretch(span.start(from, i), sums[i][0], sums[i][1], sums[i][2]));
    }
    return new Handshakes(span, stretches);
  }

  /** How devices failed in the last 24 hours, in the words of log and metrics. */
  public List<FactCount> failures() throws SQLException {
    return inventory.counts(FactKind.FAILURE, now.minus(OF_LATE));
  }

  /** What Microsoft 365 refused in the last 24 hours, in the words of log and metrics. */
  public List<FactCount> refusals() throws SQLException {
    return inventory.counts(FactKind.REPLY, now.minus(OF_LATE));
  }

  /** Microsoft's dates that concern devices seen in the last 30 days. */
  public List<Concern> concerns() throws SQLException {
    List<Concern> concerns = new ArrayList<>();
    for (MicrosoftDate date : MicrosoftDate.ALL) {
      long devices =
          inventory.devices(FactKind.DESTINATION, date.destinations(), now.minus(CONCERNED));
      if (devices > 0) {
        concerns.add(new Concern(date, devices));
      }
    }
    return concerns;
  }
}
