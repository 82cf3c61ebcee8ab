package org.tlsuplift.server.signin.openid;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jwk.Use;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;

/** An OpenID provider without sockets, whose tokens may be wrong in every way. */
public final class StandInProvider implements OpenIdProvider.Web {
  public static final String ISSUER = "https://idp.example/realm";
  public static final String CLIENT = "uplift";
  static final PublicJsonWebKey RSA = rsa("rsa");
  static final PublicJsonWebKey EC = ec("ec");

  /** The time of provider and client. */
  public Instant now = Instant.parse("2026-11-30T10:00:00Z");

  public Map<String, Object> document =
      new HashMap<>(
          Map.of(
              "issuer", ISSUER,
              "authorization_endpoint", ISSUER + "/authorize",
              "token_endpoint", ISSUER + "/token",
              "jwks_uri", ISSUER + "/keys"));

  /** Changes the claims of the next tokens. */
  public Consumer<JwtClaims> claims = any -> {};

  PublicJsonWebKey key = RSA;
  List<PublicJsonWebKey> published = List.of(RSA, EC);
  String algorithm = "RS256";

  /** Replaces the whole token. */
  String token = "";

  /** Replaces the response of every address. */
  String body = "";

  boolean unreachable;
  final List<String> requests = new ArrayList<>();
  Map<String, String> lastForm = Map.of();
  Map<String, String> lastHeaders = Map.of();
  private final Map<String, Map<String, String>> codes = new HashMap<>();

  static PublicJsonWebKey rsa(String id) {
    try {
      PublicJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId(id);
      return key;
    } catch (JoseException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static PublicJsonWebKey ec(String id) {
    try {
      PublicJsonWebKey key = EcJwkGenerator.generateJwk(EllipticCurves.P256);
      key.setKeyId(id);
      return key;
    } catch (JoseException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A clock that shows {@link #now}. */
  public Clock clock() {
    return new Clock() {
      @Override
      public ZoneOffset getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(java.time.ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now;
      }
    };
  }

  public static OpenIdClient client() {
    return new OpenIdClient(ISSUER, CLIENT, "roles");
  }

  public OpenIdProvider provider() {
    return new OpenIdProvider(client(), this, () -> null, clock());
  }

  public void unreachable() {
    unreachable = true;
  }

  /** Publishes a key for encryption and one of another curve. */
  public void publishKeysForOtherUses() {
    try {
      PublicJsonWebKey encryption = rsa("encryption");
      encryption.setUse(Use.ENCRYPTION);
      published = List.of(encryption, EcJwkGenerator.generateJwk(EllipticCurves.P384));
    } catch (JoseException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The user signs in at this address; the result is what the browser takes back. */
  public Map<String, String> authorize(String address) {
    Map<String, String> request = form(URI.create(address).getRawQuery());
    String code = "code" + codes.size();
    codes.put(code, request);
    return Map.of("code", code, "state", request.get("state"));
  }

  static Map<String, String> form(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      fields.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return fields;
  }

  @Override
  public HttpsResponse send(URI url, HttpsRequest request) throws OperatorException {
    if (unreachable) {
      throw new OperatorException("idp.example:443 is unreachable");
    }
    requests.add(request.method() + " " + url);
    if (!body.isEmpty()) {
      return new HttpsResponse(404, Map.of(), body);
    }
    try {
      return switch (url.toString().substring(ISSUER.length())) {
        case "/.well-known/openid-configuration" -> json(200, document);
        case "/keys" -> new HttpsResponse(200, Map.of(), new JsonWebKeySet(published).toJson());
        case "/token" -> redeem(request);
        default -> new HttpsResponse(404, Map.of(), "{}");
      };
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static HttpsResponse json(int status, Map<String, Object> fields) {
    return new HttpsResponse(status, Map.of(), JsonUtil.toJson(fields));
  }

  private HttpsResponse redeem(HttpsRequest request) throws Exception {
    lastForm = form(StandardCharsets.UTF_8.decode(request.body().duplicate()).toString());
    lastHeaders = request.headers();
    Map<String, String> begun = codes.remove(lastForm.get("code"));
    String challenge =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                MessageDigest.getInstance("SHA-256")
                    .digest(lastForm.get("code_verifier").getBytes(StandardCharsets.US_ASCII)));
    if (begun == null
        || !begun.get("code_challenge").equals(challenge)
        || !begun.get("redirect_uri").equals(lastForm.get("redirect_uri"))) {
      return json(400, Map.of("error", "invalid_grant", "error_description", "no such code"));
    }
    return json(200, Map.of("id_token", token.isEmpty() ? signed(begun.get("nonce")) : token));
  }

  String signed(String nonce) throws JoseException {
    JwtClaims all = new JwtClaims();
    all.setIssuer(ISSUER);
    all.setAudience(CLIENT);
    all.setSubject("subject-1");
    all.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
    all.setExpirationTime(NumericDate.fromSeconds(now.getEpochSecond() + 300));
    all.setStringClaim("nonce", nonce);
    all.setStringClaim("preferred_username", "alice@corp.example");
    all.setStringListClaim("roles", "uplift-operators");
    claims.accept(all);
    JsonWebSignature signature = new JsonWebSignature();
    signature.setPayload(all.toJson());
    signature.setKey(key.getPrivateKey());
    signature.setKeyIdHeaderValue(key.getKeyId());
    signature.setAlgorithmHeaderValue(algorithm);
    return signature.getCompactSerialization();
  }
}
