package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import org.tlsuplift.server.text.Json;
import org.tlsuplift.server.text.Printable;

/**
 * An event as one JSON object, with time, level, message, and the same keys and values as a line of
 * text. Logback's own encoder writes the pairs as a list, which log stores cannot search by key.
 */
final class JsonText {
  /** JSON requires escapes for the control characters up to U+001F only. DEL is one too. */
  private static final ObjectWriter JSON = Json.LINE.with(Json.escaping("\u007f"));

  private JsonText() {}

  static String of(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.ofEpochMilli(event.getTimeStamp()));
    line.put("level", event.getLevel().toString());
    line.put("message", String.valueOf(event.getFormattedMessage()));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair each : event.getKeyValuePairs()) {
        line.putIfAbsent(each.key, value(each.value));
      }
    }
    IThrowableProxy cause = event.getThrowableProxy();
    if (cause != null) {
      line.putIfAbsent("cause", cause.getClassName() + ": " + cause.getMessage());
      if (event.getLevel() != Level.WARN && event.getLevel() != Level.INFO) {
        line.putIfAbsent("trace", ThrowableProxyUtil.asString(cause).stripTrailing());
      }
    }
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("writing texts and numbers", impossible);
    }
  }

  private static Object value(Object value) {
    return value instanceof Number || value instanceof Boolean
        ? value
        : Printable.shortened(String.valueOf(value));
  }
}
