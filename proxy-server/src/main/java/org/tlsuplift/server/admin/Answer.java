package org.tlsuplift.server.admin;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What a page says.
 *
 * @param status the status
 * @param contentType the value of the {@code Content-Type} header
 * @param body the text, sent as UTF-8
 */
record Answer(HttpResponseStatus status, String contentType, String body) {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

  /** One line of plain text. */
  static Answer line(HttpResponseStatus status, String line) {
    return new Answer(status, PLAIN_TEXT, line + "\n");
  }
}
