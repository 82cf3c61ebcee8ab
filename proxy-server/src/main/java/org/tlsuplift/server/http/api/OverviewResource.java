package org.tlsuplift.server.http.api;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.Resource;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.readiness.ActivitySnapshot;
import org.tlsuplift.server.readiness.ActivitySnapshot.AffectedDevices;
import org.tlsuplift.server.readiness.ExpiringItem;
import org.tlsuplift.server.readiness.HandshakeTotals;
import org.tlsuplift.server.readiness.TimeRange;

/** The data of the overview page. Without an inventory, the data from it is omitted. */
record OverviewResource(
    @Nullable Inventory inventory,
    LiveSessions sessions,
    Supplier<List<ExpiringItem>> endings,
    Set<String> signIn,
    Supplier<List<?>> incidents)
    implements Resource {
  private record Overview(
      Instant at,
      int sessions,
      List<?> incidents,
      List<ExpiringItem> endings,
      @Nullable Map<Verdict, Long> devices,
      @Nullable Map<TimeRange, Totals> handshakes,
      @Nullable List<Failure> failures,
      @Nullable List<Refusal> refusals,
      @Nullable List<Date> microsoftDates) {}

  private record Totals(
      Instant from,
      long legacy,
      long modern,
      long plaintext,
      List<HandshakeTotals.Stretch> stretches) {
    static Totals of(HandshakeTotals all) {
      return new Totals(
          all.from(),
          all.sum(HandshakeTotals.Stretch::legacy),
          all.sum(HandshakeTotals.Stretch::modern),
          all.sum(HandshakeTotals.Stretch::plaintext),
          all.stretches());
    }
  }

  private record Failure(String reason, long devices, Instant latest) {
    Failure(FactCount count) {
      this(count.value(), count.devices(), count.latest());
    }
  }

  private record Refusal(String reply, long devices, Instant latest) {
    Refusal(FactCount count) {
      this(count.value(), count.devices(), count.latest());
    }
  }

  private record Date(
      String title,
      LocalDate begins,
      LocalDate ends,
      String announced,
      long devices,
      String advice,
      String source) {
    Date(AffectedDevices affectedDevices) {
      this(
          affectedDevices.date().title(),
          affectedDevices.date().begins(),
          affectedDevices.date().ends(),
          affectedDevices.date().announced(),
          affectedDevices.devices(),
          affectedDevices.date().advice(),
          affectedDevices.date().source());
    }
  }

  @Override
  public Response answer(Request request) throws SQLException, IOException {
    Instant now = Instant.now();
    List<ExpiringItem> next = ExpiringItem.nextFirst(endings.get());
    if (inventory == null) {
      return Response.json(
          new Overview(now, sessions.count(), incidents.get(), next, null, null, null, null, null));
    }
    ActivitySnapshot activitySnapshot = new ActivitySnapshot(inventory, now);
    Map<TimeRange, Totals> handshakes = new EnumMap<>(TimeRange.class);
    for (TimeRange timeRange : TimeRange.values()) {
      handshakes.put(timeRange, Totals.of(activitySnapshot.handshakes(timeRange)));
    }
    return Response.json(
        new Overview(
            now,
            sessions.count(),
            incidents.get(),
            next,
            activitySnapshot.verdicts(),
            handshakes,
            activitySnapshot.failures().stream().map(Failure::new).toList(),
            activitySnapshot.refusals().stream().map(Refusal::new).toList(),
            activitySnapshot.concerns(signIn).stream().map(Date::new).toList()));
  }
}
