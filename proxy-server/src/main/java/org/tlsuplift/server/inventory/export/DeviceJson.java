package org.tlsuplift.server.inventory.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;

/**
 * Devices as JSON (RFC 8259), in ASCII and so that HTML may hold it: the shape of {@code
 * /api/devices}. What is not known is left out.
 */
public final class DeviceJson implements AutoCloseable {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final JsonGenerator out;

  /** Writes to there; closing this leaves that open. */
  public DeviceJson(Writer target) throws IOException {
    out = JSON.createGenerator(target).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    out.setCharacterEscapes(new HtmlSafeEscapes());
    out.setPrettyPrinter(new DefaultPrettyPrinter());
  }

  public void begin() throws IOException {
    out.writeStartArray();
  }

  /** Adds a device to the list, or writes it alone. */
  public void device(DeviceRecord device) throws IOException {
    out.writeStartObject();
    fields(device);
    out.writeEndObject();
  }

  /** Writes a device with all that there is several of, and its days. */
  public void history(DeviceHistory history) throws IOException {
    out.writeStartObject();
    fields(history.device());
    out.writeObjectFieldStart("seen");
    for (FactKind kind : FactKind.values()) {
      List<DeviceHistory.Fact> facts =
          history.facts().stream().filter(fact -> fact.kind() == kind).toList();
      if (!facts.isEmpty()) {
        out.writeArrayFieldStart(kind.label());
        for (DeviceHistory.Fact fact : facts) {
          out.writeStartObject();
          out.writeStringField("value", fact.value());
          out.writeNumberField("times", fact.times());
          time("firstSeen", fact.firstSeen());
          time("lastSeen", fact.lastSeen());
          out.writeEndObject();
        }
        out.writeEndArray();
      }
    }
    out.writeEndObject();
    out.writeArrayFieldStart("days");
    for (DeviceHistory.Day day : history.days()) {
      out.writeStartObject();
      out.writeStringField("day", day.day().toString());
      out.writeNumberField("sessions", day.sessions());
      out.writeNumberField("legacyHandshakes", day.legacyHandshakes());
      out.writeNumberField("modernHandshakes", day.modernHandshakes());
      out.writeNumberField("plaintextSessions", day.plaintextSessions());
      out.writeNumberField("failures", day.failures());
      text("worstVersion", day.worstVersion());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  public void end() throws IOException {
    out.writeEndArray();
  }

  private void fields(DeviceRecord device) throws IOException {
    out.writeStringField("address", device.address());
    text("name", device.name());
    out.writeStringField("verdict", device.verdict().label());
    out.writeStringField("verdictText", device.verdictText());
    time("firstSeen", device.firstSeen());
    time("lastSeen", device.lastSeen());
    out.writeNumberField("sessions", device.sessions());
    out.writeNumberField("legacyHandshakes", device.legacyHandshakes());
    out.writeNumberField("modernHandshakes", device.modernHandshakes());
    out.writeNumberField("plaintextSessions", device.plaintextSessions());
    out.writeNumberField("failures", device.failures());
    out.writeNumberField("bytesUp", device.bytesUp());
    out.writeNumberField("bytesDown", device.bytesDown());
    out.writeNumberField("ssl2Hellos", device.ssl2Hellos());
    text("worstVersion", device.worstVersion());
    text("latestVersion", device.latestVersion());
    text("latestSuite", device.latestSuite());
    text("offeredVersion", device.offeredVersion());
    text("ja4", device.ja4());
    text("suggests", device.suggests());
    text("serverName", device.serverName());
    text("introduction", device.introduction());
    text("latestFailure", device.latestFailure());
    time("latestFailureAt", device.latestFailureAt());
    out.writeStringField("trustsCa", device.trust().name().toLowerCase(Locale.ROOT));
    texts("listeners", device.listeners());
    texts("waysIn", device.waysIn());
    texts("destinations", device.destinations());
  }

  private void text(String key, @Nullable String value) throws IOException {
    if (value != null && !value.isEmpty()) {
      out.writeStringField(key, value);
    }
  }

  private void time(String key, @Nullable Instant value) throws IOException {
    if (value != null) {
      out.writeStringField(key, value.toString());
    }
  }

  private void texts(String key, List<String> values) throws IOException {
    out.writeArrayFieldStart(key);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
