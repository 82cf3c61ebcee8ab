package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The claims of a token (RFC 7519). The doctor does not verify the signature, because only the
 * origin relies on the claims. It reads them to explain why the origin may refuse the token.
 *
 * @param audience the service that accepts the token; empty if absent
 * @param roles the permissions of an application
 * @param scopes the permissions that a user has granted
 * @param application its ID; empty if absent
 * @param tenant its ID; empty if absent
 */
record TokenPayload(
    String audience,
    List<String> roles,
    List<String> scopes,
    String application,
    String tenant,
    Optional<Instant> expires) {
  private static final JsonFactory JSON = new JsonFactory();

  TokenPayload {
    roles = List.copyOf(roles);
    scopes = List.copyOf(scopes);
  }

  /** Decodes a token. Empty if the format is unknown, as for origins other than Exchange Online. */
  static Optional<TokenPayload> read(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try (JsonParser claims =
        JSON.createParser(
            new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))) {
      return claims.nextToken() == JsonToken.START_OBJECT
          ? Optional.of(of(claims))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException | DateTimeException unreadable) {
      // The exception is dropped, because its message may quote the token.
      return Optional.empty();
    }
  }

  private static TokenPayload of(JsonParser claims) throws IOException {
    Map<String, List<String>> texts = new HashMap<>();
    Optional<Instant> expires = Optional.empty();
    while (claims.nextToken() == JsonToken.FIELD_NAME) {
      String name = claims.currentName();
      JsonToken value = claims.nextToken();
      if (value == JsonToken.VALUE_STRING) {
        texts.put(name, List.of(printable(claims.getText())));
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("exp")) {
        expires = Optional.of(Instant.ofEpochSecond(claims.getLongValue()));
      } else if (value == JsonToken.START_ARRAY && name.equals("roles")) {
        texts.put(name, list(claims));
      } else {
        claims.skipChildren();
      }
    }
    return new TokenPayload(
        first(texts, "aud"),
        texts.getOrDefault("roles", List.of()),
        first(texts, "scp").isBlank() ? List.of() : List.of(first(texts, "scp").split(" ", -1)),
        first(texts, "appid").isEmpty() ? first(texts, "azp") : first(texts, "appid"),
        first(texts, "tid"),
        expires);
  }

  private static List<String> list(JsonParser claims) throws IOException {
    List<String> all = new ArrayList<>();
    while (claims.nextToken() == JsonToken.VALUE_STRING) {
      all.add(printable(claims.getText()));
    }
    return all;
  }

  private static String first(Map<String, List<String>> texts, String name) {
    List<String> found = texts.getOrDefault(name, List.of());
    return found.isEmpty() ? "" : found.get(0);
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }
}
