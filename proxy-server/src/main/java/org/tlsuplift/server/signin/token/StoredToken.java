package org.tlsuplift.server.signin.token;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * A token in a {@link TokenStore}, so that a restart does not need a new one. Its text is the time
 * when it expires, a separator, and its value.
 */
public final class StoredToken {
  private static final Duration EXPIRY_MARGIN = Duration.ofMinutes(5);

  private final TokenStore store;
  private final String name;

  StoredToken(TokenStore store, String name) {
    this.store = store;
    this.name = name;
  }

  /** The stored token, if it is valid for some more minutes. */
  Optional<AccessToken> read() {
    return store
        .read(name)
        .flatMap(text -> parse(text, '\n'))
        .filter(token -> Instant.now().isBefore(token.expires().minus(EXPIRY_MARGIN)));
  }

  AccessToken keep(AccessToken token) {
    store.replace(name, text(token, '\n'));
    return token;
  }

  /** The text of a token. */
  public static String text(AccessToken token, char separator) {
    return token.expires().toString() + separator + token.value();
  }

  /** The token of a text; empty if it is none. */
  public static Optional<AccessToken> parse(String text, char separator) {
    int end = text.indexOf(separator);
    try {
      return end < 0
          ? Optional.empty()
          : Optional.of(
              new AccessToken(text.substring(end + 1), Instant.parse(text.substring(0, end))));
    } catch (DateTimeParseException other) {
      return Optional.empty();
    }
  }
}
