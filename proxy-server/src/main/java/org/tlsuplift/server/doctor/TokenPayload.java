package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a token says about itself (RFC 7519). Not verified, and nobody's business but the origin's:
 * read only to tell an operator why the origin may not like it.
 *
 * @param audience the service that it is for; empty if it does not say
 * @param roles what an application may do
 * @param scopes what a user has allowed
 * @param application which application; empty if it does not say
 * @param tenant of which tenant; empty if it does not say
 * @param expires when it ends, if it says so
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

  /**
   * Reads a token; empty when it is none that can be read, as an origin of another kind may have.
   */
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
    } catch (IOException | IllegalArgumentException unreadable) {
      // The cause may quote it.
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
