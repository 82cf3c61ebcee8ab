package org.tlsuplift.server.testing.platform;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How an application proves that it is itself: by a secret, or by a signed assertion (RFC 7523).
 */
final class ClientProof {
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  private final Clock clock;
  private final Set<String> spent = ConcurrentHashMap.newKeySet();

  ClientProof(Clock clock) {
    this.clock = clock;
  }

  /** Why it is not proven, or empty. */
  Optional<Answer> objection(
      PlatformRequest request, AppRegistration application, String audience) {
    if (!request.get("client_assertion").isEmpty()) {
      return assertion(request, application, audience);
    }
    String secret = request.get("client_secret");
    if (secret.isEmpty()) {
      return refuse(
          7000218,
          "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
    }
    if (application.hadSecret(secret)) {
      return refuse(
          7000222,
          "The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
              .formatted(application.id()));
    }
    if (!application.hasSecret(secret)) {
      return refuse(
          7000215,
          "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'."
              .formatted(application.id()));
    }
    return Optional.empty();
  }

  private Optional<Answer> assertion(
      PlatformRequest request, AppRegistration application, String audience) {
    Optional<Jwt> parsed = Jwt.parse(request.get("client_assertion"));
    if (!request.get("client_assertion_type").equals(ASSERTION_TYPE) || parsed.isEmpty()) {
      return refuse(50027, "JWT token is invalid or malformed.");
    }
    Jwt jwt = parsed.get();
    String thumbprint = jwt.header().path("x5t#S256").asText(jwt.header().path("x5t").asText());
    Optional<X509Certificate> certificate = application.certificate(thumbprint);
    if (certificate.isEmpty() || !jwt.isSignedBy(certificate.get().getPublicKey())) {
      return refuse(
          700027,
          "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '%s', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'.]"
              .formatted(thumbprint, application.id()));
    }
    String issuer = jwt.claims().path("iss").asText();
    if (!issuer.equals(application.id()) || !jwt.claims().path("sub").asText().equals(issuer)) {
      return refuse(50027, "JWT token is invalid or malformed.");
    }
    if (!jwt.claims().path("aud").asText().equals(audience)) {
      return refuse(700023, "Client assertion audience claim does not match Realm issuer.");
    }
    Instant now = clock.instant();
    long from = jwt.claims().path("nbf").asLong(0);
    long until = jwt.claims().path("exp").asLong(0);
    if (now.getEpochSecond() < from - 300 || now.getEpochSecond() > until + 300) {
      return refuse(
          700024, "Client assertion is not within its valid time range. Current time: " + now);
    }
    if (!spent.add(jwt.claims().path("jti").asText())) {
      return refuse(700026, "Client assertion has been used before.");
    }
    return Optional.empty();
  }

  private static Optional<Answer> refuse(int code, String text) {
    return Optional.of(Answer.error(401, "invalid_client", code, text));
  }
}
