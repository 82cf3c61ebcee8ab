package org.tlsuplift.server.api;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.insight.overview.Concern;
import org.tlsuplift.server.insight.overview.Ending;
import org.tlsuplift.server.insight.overview.Handshakes;
import org.tlsuplift.server.insight.overview.Seen;
import org.tlsuplift.server.insight.overview.Span;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.sessions.LiveSessions;
import org.tlsuplift.server.web.Answer;
import org.tlsuplift.server.web.Request;
import org.tlsuplift.server.web.Resource;

/** The data of the overview page. Without an inventory, its part is left out. */
final class OverviewResource implements Resource {
  private final @Nullable Inventory inventory;
  private final LiveSessions sessions;
  private final Supplier<List<Ending>> endings;

  OverviewResource(
      @Nullable Inventory inventory, LiveSessions sessions, Supplier<List<Ending>> endings) {
    this.inventory = inventory;
    this.sessions = sessions;
    this.endings = endings;
  }

  private record Overview(
      Instant at,
      int sessions,
      List<Ending> endings,
      @Nullable Map<Verdict, Long> devices,
      @Nullable Map<Span, Totals> handshakes,
      @Nullable List<Failure> failures,
      @Nullable List<Refusal> refusals,
      @Nullable List<Date> microsoftDates) {}

  private record Totals(
      Instant from, long legacy, long modern, long plaintext, List<Handshakes.Stretch> stretches) {
    static Totals of(Handshakes all) {
      return new Totals(
          all.from(),
          all.sum(Handshakes.Stretch::legacy),
          all.sum(Handshakes.Stretch::modern),
          all.sum(Handshakes.Stretch::plaintext),
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
      String title, LocalDate begins, LocalDate ends, long devices, String advice, String source) {
    Date(Concern concern) {
      this(
          concern.date().title(),
          concern.date().begins(),
          concern.date().ends(),
          concern.devices(),
          concern.date().advice(),
          concern.date().source());
    }
  }

  @Override
  public Answer answer(Request request) throws SQLException, IOException {
    Instant now = Instant.now();
    List<Ending> next = Ending.nextFirst(endings.get());
    if (inventory == null) {
      return Api.json(new Overview(now, sessions.count(), next, null, null, null, null, null));
    }
    Seen seen = new Seen(inventory, now);
    Map<Span, Totals> handshakes = new EnumMap<>(Span.class);
    for (Span span : Span.values()) {
      handshakes.put(span, Totals.of(seen.handshakes(span)));
    }
    return Api.json(
        new Overview(
            now,
            sessions.count(),
            next,
            seen.verdicts(),
            handshakes,
            seen.failures().stream().map(Failure::new).toList(),
            seen.refusals().stream().map(Refusal::new).toList(),
            seen.concerns().stream().map(Date::new).toList()));
  }
}
