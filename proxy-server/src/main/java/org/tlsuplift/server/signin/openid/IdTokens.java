package org.tlsuplift.server.signin.openid;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.Use;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodeValidator;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.InvalidAlgorithmException;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;

/** Verifies ID tokens (OpenID Connect Core 1.0 section 3.1.3.7), and keeps the provider's keys. */
final class IdTokens {
  static final List<String> ALGORITHMS = List.of("RS256", "ES256", "PS256");

  private static final int SKEW = (int) OpenIdProvider.MAX_SKEW.toSeconds();

  /** In seconds since the Unix epoch; {@link Instant} has no room for all numbers. */
  private static final long MAX_TIME = 1L << 40;

  /** The provider makes a token when it gets the code, so it is new. */
  private static final int MAX_AGE = 3600;

  /** How often keys are read again for tokens of unknown keys, which anyone can make. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  /** How long a key works that the provider has withdrawn. */
  private static final Duration KEEP = Duration.ofHours(1);

  private static final int MAX_NAME = 60;
  private static final int MAX_TEXT = 300;

  /** OpenID Connect Core 1.0 section 2. */
  private static final int MAX_SUBJECT = 255;

  private static final String INVALID =
      "the identity provider's response is not valid; sign in again; the log has the cause";
  private static final String CLOCK =
      "the clocks of this machine and of the identity provider differ by more than a minute";

  private final OpenIdClient client;
  private final Clock clock;
  private List<JsonWebKey> keys = List.of();
  private Instant read = Instant.EPOCH;

  IdTokens(OpenIdClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Reads the provider's JSON Web Key Set (RFC 7517 section 5). */
  interface KeySource {
    String read() throws OpenIdException;
  }

  /** The user of a token that is valid now and has this nonce. */
  synchronized OpenIdUser verify(String token, String nonce, KeySource source)
      throws OpenIdException {
    Instant now = clock.instant();
    if (now.isAfter(read.plus(KEEP))) {
      readKeys(now, source);
    }
    try {
      return user(claims(token, nonce, now));
    } catch (InvalidJwtException invalid) {
      if (invalid.getCause() instanceof UnresolvableKeyException && now.isAfter(read.plus(AGAIN))) {
        readKeys(now, source);
        return verify(token, nonce, source);
      }
      throw refused(cause(invalid));
    } catch (MalformedClaimException malformed) {
      throw refused("a claim has another type than OpenID Connect says");
    }
  }

  private JwtClaims claims(String token, String nonce, Instant now) throws InvalidJwtException {
    JwksVerificationKeyResolver resolver = new JwksVerificationKeyResolver(keys);
    resolver.setDisambiguateWithVerifySignature(true);
    return new JwtConsumerBuilder()
        .setJwsAlgorithmConstraints(ConstraintType.PERMIT, ALGORITHMS.toArray(String[]::new))
        .setVerificationKeyResolver(resolver)
        .setExpectedIssuer(client.issuer())
        .setExpectedAudience(client.clientId())
        .registerValidator((JwtContext context) -> mismatch(context.getJwtClaims(), nonce))
        .setRequireSubject()
        .setRequireExpirationTime()
        .setRequireIssuedAt()
        .setIssuedAtRestrictions(0, MAX_AGE)
        .setAllowedClockSkewInSeconds(SKEW)
        .setEvaluationTime(NumericDate.fromMilliseconds(now.toEpochMilli()))
        .build()
        .processToClaims(token);
  }

  private @Nullable String mismatch(JwtClaims claims, String nonce) throws MalformedClaimException {
    if (!nonce.equals(claims.getStringClaimValue("nonce"))) {
      return "it has the nonce of another sign-in";
    }
    String party = claims.getStringClaimValue("azp");
    // With several audiences, it must say for which of them it was made.
    return (party == null && claims.getAudience().size() == 1) || client.clientId().equals(party)
        ? null
        : "it was issued to another client (azp)";
  }

  private void readKeys(Instant now, KeySource source) throws OpenIdException {
    keys = parse(source.read());
    read = now;
  }

  private static List<JsonWebKey> parse(String json) throws OpenIdException {
    try {
      return new JsonWebKeySet(json).getJsonWebKeys();
    } catch (JoseException malformed) {
      throw OpenIdException.unusable(
          "the keys at the provider's jwks_uri cannot be read",
          "check that no proxy on the way replaces them");
    }
  }

  /** The number of keys for {@link #ALGORITHMS} in a key set: at least one. */
  static int signing(String json) throws OpenIdException {
    List<JsonWebKey> all = parse(json);
    int usable = (int) all.stream().filter(IdTokens::signs).count();
    if (usable == 0) {
      throw OpenIdException.unusable(
          "none of the provider's " + all.size() + " keys is for RS256, ES256 or PS256",
          "let the provider sign ID tokens with one of these");
    }
    return usable;
  }

  private static boolean signs(JsonWebKey key) {
    return !Use.ENCRYPTION.equals(key.getUse())
        && (key instanceof RsaJsonWebKey
            || (key instanceof EllipticCurveJsonWebKey curve
                && EllipticCurves.P_256.equals(curve.getCurveName())));
  }

  private static String cause(InvalidJwtException invalid) {
    ErrorCodeValidator.Error first = invalid.getErrorDetails().get(0);
    return switch (first.getErrorCode()) {
      case ErrorCodes.EXPIRED,
          ErrorCodes.ISSUED_AT_INVALID_PAST,
          ErrorCodes.ISSUED_AT_INVALID_FUTURE,
          ErrorCodes.NOT_YET_VALID ->
          CLOCK;
      // The library's messages about the form and the signature quote the token.
      case ErrorCodes.SIGNATURE_INVALID -> "its signature is wrong";
      default ->
          invalid.getCause() == null
              ? ShortText.printable(first.getErrorMessage(), MAX_TEXT)
              : invalid.getCause() instanceof UnresolvableKeyException
                  ? "it is signed with a key that the provider does not publish"
                  : invalid.getCause() instanceof InvalidAlgorithmException
                      ? "its algorithm is not RS256, ES256 or PS256"
                      : "it has no valid form";
    };
  }

  private static OpenIdException refused(String cause) {
    return OpenIdException.refused(
        cause.equals(CLOCK) ? CLOCK + "; ask an administrator" : INVALID,
        "the ID token is refused: "
            + cause
            + (cause.equals(CLOCK) ? "; check it with: timedatectl" : ""));
  }

  private OpenIdUser user(JwtClaims claims) throws MalformedClaimException {
    String name =
        Stream.of("preferred_username", "email", "sub")
            .map(claims::getClaimValueAsString)
            .filter(value -> value != null && !value.isBlank())
            .findFirst()
            .orElseThrow();
    Object roles = claims.getClaimValue(client.rolesClaim());
    NumericDate authenticated =
        claims.hasClaim("auth_time") ? claims.getNumericDateClaimValue("auth_time") : null;
    return new OpenIdUser(
        ShortText.printable(name.strip(), MAX_NAME),
        ShortText.printable(claims.getSubject(), MAX_SUBJECT),
        roles instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : roles == null ? List.of() : List.of(roles.toString()),
        Optional.ofNullable(authenticated)
            .map(NumericDate::getValue)
            .filter(time -> time >= 0 && time < MAX_TIME)
            .map(Instant::ofEpochSecond));
  }
}
