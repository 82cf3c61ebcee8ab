package org.tlsuplift.server.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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
    try {
      JsonNode claims =
          JSON.readTree(
              new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
      return claims.isObject() ? Optional.of(of(claims)) : Optional.empty();
    } catch (IOException | IllegalArgumentException unreadable) {
      // The cause may quote it.
      return Optional.empty();
    }
  }

  private static TokenPayload of(JsonNode claims) {
    List<String> roles = new ArrayList<>();
    claims.path("roles").forEach(role -> roles.add(printable(role.asText())));
    String scopes = claims.path("scp").asText("");
    return new TokenPayload(
        printable(claims.path("aud").asText("")),
        roles,
        scopes.isBlank() ? List.of() : List.of(printable(scopes).split(" ")),
        printable(claims.path("appid").asText(claims.path("azp").asText(""))),
        printable(claims.path("tid").asText("")),
        claims.path("exp").isIntegralNumber()
            ? Optional.of(Instant.ofEpochSecond(claims.path("exp").asLong()))
            : Optional.empty());
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }
}
