package org.tlsuplift.server.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlsuplift.server.text.Json;

/**
 * A response. The admin port adds its security headers, and {@code Cache-Control: no-store} unless
 * the response sets another value.
 *
 * @param status the status (RFC 9110 section 15)
 * @param contentType the value of the {@code Content-Type} header
 * @param headers further ones; one line each
 * @param body the content
 */
public record Response(
    int status, String contentType, Map<String, String> headers, ResponseBody body) {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";
  private static final String HTML = "text/html; charset=utf-8";

  public Response {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not the status of a response: " + status);
    }
    headers = Map.copyOf(headers);
  }

  /** One line of plain text. */
  public static Response line(int status, String line) {
    return text(status, PLAIN_TEXT, line + "\n");
  }

  /** A page, as UTF-8, with status 200. */
  public static Response html(String page) {
    return text(200, HTML, page);
  }

  /**
   * Text, sent as UTF-8.
   *
   * @param contentType with the charset, if the type has one
   */
  public static Response text(int status, String contentType, String text) {
    return bytes(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** An object as JSON. */
  public static Response json(Object value) throws IOException {
    return text(200, "application/json", Json.INDENTED.writeValueAsString(value) + "\n");
  }

  /**
   * A response with bytes.
   *
   * @param content the caller must not change it after this call
   */
  public static Response bytes(int status, String contentType, byte[] content) {
    return new Response(status, contentType, Map.of(), new ResponseBody.Whole(content));
  }

  /** Content that is written in pieces, with status 200. */
  public static Response streamed(String contentType, ResponseBody.Writing writing) {
    return new Response(200, contentType, Map.of(), new ResponseBody.Streamed(writing));
  }

  /** CSV with a line that names the columns (RFC 4180), to be saved as a file. */
  public static Response csv(String file, ResponseBody.Writing writing) {
    return streamed("text/csv; charset=utf-8; header=present", writing).asFile(file);
  }

  /** This response, to be saved as a file. */
  public Response asFile(String name) {
    return with("Content-Disposition", "attachment; filename=\"" + name + "\"");
  }

  public Response with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Response(status, contentType, more, body);
  }
}
