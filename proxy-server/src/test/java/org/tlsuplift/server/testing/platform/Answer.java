package org.tlsuplift.server.testing.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What an endpoint answers.
 *
 * @param status of HTTP
 * @param headers more headers
 * @param type the content type
 * @param body the content
 * @param missing how many bytes more are announced than come before the connection ends
 */
record Answer(int status, Map<String, String> headers, String type, String body, int missing) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

  Answer(int status, Map<String, String> headers, String type, String body) {
    this(status, headers, type, body, 0);
  }

  static Answer json(Map<String, ?> content) {
    return json(200, content);
  }

  static Answer json(int status, Map<String, ?> content) {
    return new Answer(status, Map.of(), "application/json; charset=utf-8", write(content));
  }

  /** An error of RFC 6749 section 5.2, with all that the platform adds. */
  static Answer error(int status, String error, int code, String text) {
    String trace = UUID.randomUUID().toString();
    String correlation = UUID.randomUUID().toString();
    String time = TIME.format(Instant.now());
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("error", error);
    content.put(
        "error_description",
        "AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s"
            .formatted(code, text, trace, correlation, time));
    content.put("error_codes", List.of(code));
    content.put("timestamp", time);
    content.put("trace_id", trace);
    content.put("correlation_id", correlation);
    content.put("error_uri", "https://login.microsoftonline.com/error?code=" + code);
    return json(status, content);
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, type, body, missing);
  }

  /** This answer, but the connection ends in the middle of it. */
  Answer cutOff() {
    String half = body.substring(0, body.length() / 2);
    return new Answer(status, headers, type, half, body.length() - half.length());
  }

  byte[] content() {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  private static String write(Map<String, ?> content) {
    try {
      return Jwt.JSON.writeValueAsString(content);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
