package org.tlsuplift.server.testing.platform;

import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.testing.RsaKeys;

/** Issues tokens and knows each of them, for as long as it lives. Thread-safe. */
final class IssuedTokens {
  /** Real ones have 2 to 4 kB. */
  private static final int LENGTH = 2_600;

  /** One for all platforms of a JVM, because a key needs time. */
  private static final KeyPair KEY = RsaKeys.next();

  private final Clock clock;
  private final Map<String, Issued> access = new ConcurrentHashMap<>();
  private final Map<String, Refresh> refresh = new ConcurrentHashMap<>();
  private final Set<String> everything = ConcurrentHashMap.newKeySet();
  private volatile boolean once;
  private volatile Duration lifetime = Duration.ofSeconds(3_599);

  IssuedTokens(Clock clock) {
    this.clock = clock;
  }

  /**
   * An issued access token.
   *
   * @param application the application that got the token
   * @param user the user, or null for a token of the application itself
   * @param permissions roles or scopes
   */
  record Issued(
      AppRegistration application,
      @Nullable String user,
      List<String> permissions,
      String audience,
      Instant issued,
      Instant expires) {}

  /** What a refresh token stands for. */
  record Refresh(AppRegistration application, String user) {}

  void live(Duration duration) {
    lifetime = duration;
  }

  Duration lifetime() {
    return lifetime;
  }

  /** An access token of the application itself. */
  String forApplication(AppRegistration application, String tenant, String audience) {
    Map<String, Object> claims = claims(application, tenant, audience);
    claims.put("oid", application.objectId());
    claims.put("sub", application.objectId());
    claims.put("idtyp", "app");
    claims.put("roles", application.roles());
    return issue(application, null, application.roles(), audience, claims);
  }

  /** An access token of a user who has signed in at the application. */
  String forUser(
      AppRegistration application,
      String tenant,
      String audience,
      String user,
      List<String> scopes) {
    Map<String, Object> claims = claims(application, tenant, audience);
    claims.put("oid", ClientInfo.objectId(user));
    claims.put("idtyp", "user");
    claims.put("scp", String.join(" ", scopes));
    claims.put("upn", user);
    claims.put("unique_name", user);
    return issue(application, user, scopes, audience, claims);
  }

  /** A token that tells an application who has signed in (OpenID Connect Core section 2). */
  String identity(AppRegistration application, String issuer, String tenant, String user) {
    Map<String, Object> claims = new LinkedHashMap<>();
    Instant now = clock.instant();
    claims.put("aud", application.id());
    claims.put("iss", issuer);
    claims.put("iat", now.getEpochSecond());
    claims.put("exp", now.plus(lifetime).getEpochSecond());
    claims.put("name", user);
    claims.put("preferred_username", user);
    claims.put("oid", ClientInfo.objectId(user));
    claims.put("tid", tenant);
    claims.put("ver", "2.0");
    return Jwt.sign(header(), claims, KEY.getPrivate());
  }

  String newRefresh(AppRegistration application, String user) {
    String token = "1.AXkA" + (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
    // Real ones have more than a thousand characters.
    token = token + "." + (UUID.randomUUID() + "").replace("-", "").repeat(30);
    everything.add(token);
    refresh.put(token, new Refresh(application, user));
    return token;
  }

  /** Remembers something else that must not be seen. */
  void remember(String secret) {
    everything.add(secret);
  }

  Optional<Refresh> refresh(String token) {
    return Optional.ofNullable(once ? refresh.remove(token) : refresh.get(token));
  }

  /** From now on, each refresh token is good for one request. */
  void refreshOnce() {
    once = true;
  }

  /** What a good access token stands for; empty when it is forged, expired or revoked. */
  Optional<Issued> good(String token) {
    return Optional.ofNullable(access.get(token))
        .filter(known -> clock.instant().isBefore(known.expires()))
        .filter(known -> Jwt.parse(token).orElseThrow().isSignedBy(KEY.getPublic()));
  }

  /** All tokens that were ever issued, of each kind. */
  Set<String> everything() {
    return Set.copyOf(everything);
  }

  /** All access tokens until now are good no more. */
  void revokeAccess() {
    access.clear();
  }

  /** All refresh tokens until now are good no more. */
  void revokeRefresh() {
    refresh.clear();
  }

  private String issue(
      AppRegistration application,
      @Nullable String user,
      List<String> permissions,
      String audience,
      Map<String, Object> claims) {
    List<String> groups = new ArrayList<>();
    String token;
    do {
      for (int i = 0; i < 8; i++) {
        groups.add(UUID.randomUUID().toString());
      }
      claims.put("groups", groups);
      token = Jwt.sign(header(), claims, KEY.getPrivate());
    } while (token.length() < LENGTH);
    Instant now = clock.instant();
    everything.add(token);
    access.put(
        token, new Issued(application, user, permissions, audience, now, now.plus(lifetime)));
    return token;
  }

  private Map<String, Object> claims(AppRegistration application, String tenant, String audience) {
    Instant now = clock.instant();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("aud", audience);
    claims.put("iss", "https://sts.windows.net/" + tenant + "/");
    claims.put("iat", now.getEpochSecond());
    claims.put("nbf", now.getEpochSecond());
    claims.put("exp", now.plus(lifetime).getEpochSecond());
    claims.put("appid", application.id());
    claims.put("app_displayname", "TLS Uplift");
    claims.put("tid", tenant);
    claims.put("uti", UUID.randomUUID().toString());
    claims.put("ver", "1.0");
    return claims;
  }

  private static Map<String, String> header() {
    return Map.of("typ", "JWT", "alg", "RS256", "kid", "of-the-platform");
  }
}
