package org.tlsuplift.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.tlsuplift.server.signin.PasswordHash;

/** The credential of a request. Never printed. */
sealed interface AdminCredential {
  /** In bytes. */
  int MAX_PASSWORD = PasswordHash.MAX_PASSWORD;

  /**
   * A name and a password (RFC 7617).
   *
   * @param name anything
   * @param password not to be shown
   */
  record Basic(String name, String password) implements AdminCredential {
    @Override
    public String toString() {
      return "a name and a password";
    }
  }

  /**
   * A token (RFC 6750).
   *
   * @param token not to be shown
   */
  record Bearer(String token) implements AdminCredential {
    @Override
    public String toString() {
      return "a token";
    }
  }

  /** Reads an {@code Authorization} header; empty if it has no usable credential. */
  static Optional<AdminCredential> parse(String header) {
    int space = header.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    String value = header.substring(space + 1).strip();
    return switch (header.substring(0, space).toLowerCase(Locale.ROOT)) {
      case "basic" -> basic(value);
      case "bearer" -> value.isEmpty() ? Optional.empty() : Optional.of(new Bearer(value));
      default -> Optional.empty();
    };
  }

  private static Optional<AdminCredential> basic(String value) {
    try {
      byte[] decoded = Base64.getDecoder().decode(value);
      String text = new String(decoded, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      return colon < 0 || decoded.length - colon > MAX_PASSWORD
          ? Optional.empty()
          : Optional.of(new Basic(text.substring(0, colon), text.substring(colon + 1)));
    } catch (IllegalArgumentException damaged) {
      return Optional.empty();
    }
  }
}
