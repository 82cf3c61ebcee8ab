package org.tlsuplift.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
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

/** What the overview page shows; what comes from the inventory is left out where none is kept. */
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

  /** All that is read before anything is written. */
  private record Figures(
      Map<Verdict, Long> devices,
      Map<Span, Handshakes> handshakes,
      List<FactCount> failures,
      List<FactCount> refusals,
      List<Concern> concerns) {
    static Figures of(Seen seen) throws SQLException {
      Map<Span, Handshakes> handshakes = new EnumMap<>(Span.class);
      for (Span span : Span.values()) {
        handshakes.put(span, seen.handshakes(span));
      }
      return new Figures(
          seen.verdicts(), handshakes, seen.failures(), seen.refusals(), seen.concerns());
    }
  }

  @Override
  public Answer answer(Request request) throws SQLException, IOException {
    Instant now = Instant.now();
    Figures figures = inventory == null ? null : Figures.of(new Seen(inventory, now));
    return JsonText.answer(
        out -> {
          out.writeStartObject();
          out.writeStringField("at", now.toString());
          out.writeNumberField("sessions", sessions.count());
          endings(out);
          if (figures != null) {
            devices(out, figures.devices());
            handshakes(out, figures.handshakes());
            counts(out, "failures", "reason", figures.failures());
            counts(out, "refusals", "reply", figures.refusals());
            concerns(out, figures.concerns());
          }
          out.writeEndObject();
        });
  }

  private void endings(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("endings");
    for (Ending ending : Ending.nextFirst(endings.get())) {
      out.writeStartObject();
      out.writeStringField("what", ending.what());
      out.writeStringField("at", ending.at().toString());
      out.writeStringField("remedy", ending.remedy());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void devices(JsonGenerator out, Map<Verdict, Long> devices) throws IOException {
    out.writeObjectFieldStart("devices");
    for (Map.Entry<Verdict, Long> each : devices.entrySet()) {
      out.writeNumberField(each.getKey().label(), each.getValue());
    }
    out.writeEndObject();
  }

  private static void handshakes(JsonGenerator out, Map<Span, Handshakes> spans)
      throws IOException {
    out.writeObjectFieldStart("handshakes");
    for (Map.Entry<Span, Handshakes> each : spans.entrySet()) {
      Handshakes all = each.getValue();
      out.writeObjectFieldStart(each.getKey().word());
      out.writeStringField("from", all.from().toString());
      out.writeNumberField("legacy", all.sum(Handshakes.Stretch::legacy));
      out.writeNumberField("modern", all.sum(Handshakes.Stretch::modern));
      out.writeNumberField("plaintext", all.sum(Handshakes.Stretch::plaintext));
      out.writeArrayFieldStart("stretches");
      for (Handshakes.Stretch stretch : all.stretches()) {
        out.writeStartObject();
        out.writeStringField("from", stretch.from().toString());
        out.writeNumberField("legacy", stretch.legacy());
        out.writeNumberField("modern", stretch.modern());
        out.writeNumberField("plaintext", stretch.plaintext());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void counts(JsonGenerator out, String key, String name, List<FactCount> counts)
      throws IOException {
    out.writeArrayFieldStart(key);
    for (FactCount count : counts) {
      out.writeStartObject();
      out.writeStringField(name, count.value());
      out.writeNumberField("devices", count.devices());
      out.writeStringField("latest", count.latest().toString());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void concerns(JsonGenerator out, List<Concern> concerns) throws IOException {
    out.writeArrayFieldStart("microsoftDates");
    for (Concern concern : concerns) {
      out.writeStartObject();
      out.writeStringField("title", concern.date().title());
      out.writeStringField("begins", concern.date().begins().toString());
      out.writeStringField("ends", concern.date().ends().toString());
      out.writeNumberField("devices", concern.devices());
      out.writeStringField("advice", concern.date().advice());
      out.writeStringField("source", concern.date().source());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
