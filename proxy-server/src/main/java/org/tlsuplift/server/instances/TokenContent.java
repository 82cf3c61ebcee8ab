package org.tlsuplift.server.instances;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * What is encrypted in a row: the newest access token, a line break, and the library's cache with
 * the refresh token. The cache alone does not tell which of its access tokens is the newest.
 *
 * @param token null after a sign-in
 */
record TokenContent(@Nullable AccessToken token, String cache) {
  String text() {
    return (token == null ? "" : token.expires() + " " + token.value()) + "\n" + cache;
  }

  static TokenContent parse(String text) {
    int line = text.indexOf('\n');
    int space = text.indexOf(' ');
    String cache = text.substring(line + 1);
    if (space < 0 || space > line) {
      return new TokenContent(null, cache);
    }
    try {
      return new TokenContent(
          new AccessToken(text.substring(space + 1, line), Instant.parse(text.substring(0, space))),
          cache);
    } catch (DateTimeParseException other) {
      return new TokenContent(null, cache);
    }
  }
}
