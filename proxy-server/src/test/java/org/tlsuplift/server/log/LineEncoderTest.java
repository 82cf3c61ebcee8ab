package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** How an event is written. */
class LineEncoderTest {
  private static final String HOSTILE = "a\r\nb\u001b]0;x\u0007\u0085\u2028\u202e\" k=\"v";
  private static final String HARMLESS = "a\\r\\nb\\x1b]0;x\\x07\\x85\\u2028\\u202e";

  @Test
  void writesTimeLevelMessageAndValues() {
    LoggingEvent event = Events.of(Level.INFO, "session ended", "device", "10.1.2.3", "count", 7);
    event.setTimeStamp(1_795_000_000_000L);

    assertThat(encode(event))
        .isEqualTo(
            "2026-11-18T11:06:40.000Z INFO  session ended device=\"10.1.2.3\" count=\"7\""
                + System.lineSeparator());
  }

  @Test
  void writesTheSameKeysAndValuesAsJson() throws Exception {
    LoggingEvent event = Events.of(Level.WARN, "refused {}", "device", "10.1.2.3", "count", 7);
    event.setArgumentArray(new Object[] {HOSTILE});
    event.addKeyValuePair(new KeyValuePair("detail", HOSTILE));
    event.addKeyValuePair(new KeyValuePair("level", "cannot replace that of the line"));
    event.setThrowableProxy(Events.cause(new IOException("no")));
    event.setTimeStamp(1_795_000_000_000L);

    String line = encode(event, new LineEncoder.Style(true, false));
    assertThat(line.lines()).hasSize(1);
    assertThat(line.strip()).isPrintable();
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.get("time").textValue()).isEqualTo("2026-11-18T11:06:40Z");
    assertThat(json.get("level").textValue()).isEqualTo("WARN");
    assertThat(json.get("message").textValue()).isEqualTo("refused " + HOSTILE);
    assertThat(json.get("device").textValue()).isEqualTo("10.1.2.3");
    assertThat(json.get("count").intValue()).isEqualTo(7);
    assertThat(json.get("detail").textValue()).isEqualTo(HOSTILE);
    assertThat(json.get("cause").textValue()).isEqualTo("java.io.IOException: no");
    assertThat(json.has("trace")).isFalse();

    LoggingEvent error = Events.of(Level.ERROR, "failed");
    error.setThrowableProxy(Events.cause(new IOException("no")));
    assertThat(encode(error, new LineEncoder.Style(true, false)).lines())
        .singleElement()
        .asString()
        .contains("\"trace\":\"java.io.IOException: no\\n\\tat ");
  }

  @Test
  void writesAPriorityBeforeEachLine() {
    LineEncoder.Style journal = new LineEncoder.Style(false, true);
    assertThat(encode(Events.of(Level.WARN, "a"), journal)).startsWith("<4>20");
    assertThat(encode(Events.of(Level.INFO, "a"), journal)).startsWith("<6>20");
    assertThat(encode(Events.of(Level.DEBUG, "a"), journal)).startsWith("<7>20");
    LoggingEvent error = Events.of(Level.ERROR, "failed");
    error.setThrowableProxy(Events.cause(new IOException("no")));
    assertThat(encode(error, journal).lines())
        .hasSizeGreaterThan(2)
        .allMatch(line -> line.startsWith("<3>"));
  }

  @Test
  void writesOneLineForHostileInput() {
    LoggingEvent event = Events.of(Level.WARN, "refused {}", "detail", HOSTILE);
    event.setArgumentArray(new Object[] {HOSTILE});
    event.setThrowableProxy(Events.cause(new IOException(HOSTILE)));

    assertThat(encode(event).strip().lines()).hasSize(1);
    assertThat(encode(event))
        .contains(
            "refused " + HARMLESS + "\" k=\"v",
            "detail=\"" + HARMLESS + "\\\" k=\\\"v\"",
            "cause=\"java.io.IOException: " + HARMLESS + "\\\" k=\\\"v\"");
  }

  @Test
  void writesStackFramesWithoutExtraLines() {
    LoggingEvent event = Events.of(Level.ERROR, "failed");
    IOException failure = new IOException(HOSTILE, new IllegalStateException(HOSTILE));
    failure.addSuppressed(new IOException(HOSTILE));
    event.setThrowableProxy(Events.cause(failure));

    assertThat(encode(event).lines().skip(1))
        .isNotEmpty()
        .allMatch(
            line ->
                line.strip().startsWith("at ")
                    || line.strip().startsWith("... ")
                    || line.contains("Exception: " + HARMLESS));
    assertThat(encode(event))
        .contains("Caused by: java.lang.IllegalStateException: " + HARMLESS)
        .contains("at " + LineEncoderTest.class.getName());
  }

  /** The core limits a usual line of a session to 269 characters: with the prefix, it has 300. */
  @Test
  void writesAtMost31CharactersBeforeTheMessage() {
    for (Level level : new Level[] {Level.INFO, Level.WARN, Level.ERROR}) {
      assertThat(encode(Events.of(level, "m")).indexOf(" m")).isLessThanOrEqualTo(30);
    }
  }

  private static String encode(LoggingEvent event, LineEncoder.Style style) {
    LineEncoder encoder = new LineEncoder();
    encoder.use(style);
    return new String(encoder.encode(event), StandardCharsets.UTF_8);
  }

  private static String encode(LoggingEvent event) {
    return new String(new LineEncoder().encode(event), StandardCharsets.UTF_8);
  }
}
