package org.tlsuplift.server.web;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** The little that is written as JSON by hand. */
public final class Json {
  private Json() {}

  /** The text as a JSON string with its quotes (RFC 8259 section 7). */
  public static String quote(String text) {
    return "\"" + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
