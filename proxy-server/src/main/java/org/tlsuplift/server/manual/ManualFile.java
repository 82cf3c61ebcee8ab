package org.tlsuplift.server.manual;

import java.nio.charset.StandardCharsets;

/**
 * A file that a page links to: something to copy, or a picture.
 *
 * @param name such as {@code config/alerts.yml}
 * @param content must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Kept until the process ends, and never compared.
public record ManualFile(String name, byte[] content) {
  /** The media type; files to copy are shown as text. */
  public String contentType() {
    return name.endsWith(".svg")
        ? "image/svg+xml"
        : name.endsWith(".png") ? "image/png" : "text/plain; charset=utf-8";
  }

  /** The content as text in UTF-8. */
  public String text() {
    return new String(content, StandardCharsets.UTF_8);
  }
}
