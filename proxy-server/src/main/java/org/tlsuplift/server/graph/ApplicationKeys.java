package org.tlsuplift.server.graph;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;

/**
 * The certificates of an application at Microsoft Graph. "An application does not need any specific
 * permission to roll its own keys" (Microsoft, application: addKey and removeKey, read 2026-12-02).
 * Blocks; not for event loops.
 *
 * @param applicationId for the look-up, which needs a permission
 * @param https for Graph; not closed by this
 * @param token for Graph, of the application itself
 */
public record ApplicationKeys(
    String applicationId, HttpsService https, AccessToken token, Clock clock) {
  public static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofSeconds(30), 1 << 20);

  /** Of the proof: Microsoft, "Generate proof of possession tokens for rolling keys". */
  private static final String AUDIENCE = "00000002-0000-0000-c000-000000000000";

  private static final Duration PROOF = Duration.ofMinutes(10);

  /** The clocks of Microsoft and of this machine may differ. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final int MAX_TEXT = 100;

  /** Graph has refused a request, and so has changed nothing. */
  public static final class RefusedException extends OperatorException {
    private static final long serialVersionUID = 1L;

    private RefusedException(String message) {
      super(message);
    }
  }

  /** The object ID of the application, which is the issuer of proofs. */
  public String objectId() throws OperatorException {
    try {
      return id(look().get("id"))
          .orElseThrow(
              () -> new OperatorException("Microsoft Graph sent no ID of the application"));
    } catch (RefusedException refused) {
      throw new OperatorException(
          "add 'applicationObjectId: ID' beside applicationId, with the Object ID of the app registration (Entra admin center, App registrations)",
          refused);
    }
  }

  /** The ID of exactly this certificate; empty if the application does not have it. */
  public Optional<String> keyId(X509Certificate certificate) throws OperatorException {
    String wanted = base64(certificate);
    return look().get("keyCredentials") instanceof List<?> keys
        ? keys.stream()
            .filter(each -> each instanceof Map<?, ?> key && wanted.equals(key.get("key")))
            .flatMap(each -> id(((Map<?, ?>) each).get("keyId")).stream())
            .findFirst()
        : Optional.empty();
  }

  private Map<String, @Nullable Object> look() throws OperatorException {
    return send(
        "GET", "(appId='" + applicationId + "')?$select=id,keyCredentials", "", "the application");
  }

  /** The name by which people and the scripts of set-up know a certificate again. */
  public static String label(X509Certificate certificate) {
    return "TLS Uplift " + Fingerprint.sha256(certificate).replace(":", "").substring(0, 32);
  }

  /**
   * Adds a certificate.
   *
   * @param by signs the proof; the application has its certificate
   * @return its ID, if the response has it
   * @throws RefusedException if Graph has certainly not added it
   */
  public Optional<String> add(String objectId, OriginIdentity by, X509Certificate next)
      throws OperatorException {
    return id(
        send(
                "POST",
                "/" + objectId + "/addKey",
                "{\"keyCredential\":{\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\",\"displayName\":\"%s\",\"key\":\"%s\"},\"passwordCredential\":null,\"proof\":\"%s\"}"
                    .formatted(label(next), base64(next), proof(objectId, by)),
                "addKey")
            .get("keyId"));
  }

  /** Removes a certificate; see {@link #add}. */
  public void remove(String objectId, OriginIdentity by, String keyId) throws OperatorException {
    var unused =
        send(
            "POST",
            "/" + objectId + "/removeKey",
            "{\"keyId\":\"%s\",\"proof\":\"%s\"}".formatted(keyId, proof(objectId, by)),
            "removeKey");
  }

  private String proof(String objectId, OriginIdentity by) throws OperatorException {
    long from = clock.instant().minus(SKEW).getEpochSecond();
    JsonWebSignature proof = new JsonWebSignature();
    proof.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
    proof.setX509CertSha1ThumbprintHeaderValue(by.certificate());
    proof.setPayload(
        "{\"aud\":\"%s\",\"iss\":\"%s\",\"nbf\":%d,\"exp\":%d}"
            .formatted(AUDIENCE, objectId, from, from + PROOF.toSeconds()));
    proof.setKey(by.key());
    try {
      return proof.getCompactSerialization();
    } catch (JoseException unusable) {
      throw new OperatorException("the key cannot sign: " + unusable.getMessage(), unusable);
    }
  }

  private Map<String, @Nullable Object> send(String method, String target, String body, String what)
      throws OperatorException {
    Map<String, String> headers =
        Map.of(
            "Authorization",
            "Bearer " + token.value(),
            "Accept",
            "application/json",
            "Content-Type",
            "application/json");
    HttpsResponse response =
        https.send(new HttpsRequest(method, "/v1.0/applications" + target, headers, body));
    Map<String, @Nullable Object> fields = GraphException.read(response.body());
    int status = response.status();
    if (status / 100 == 2) {
      return fields;
    }
    Map<?, ?> error = fields.get("error") instanceof Map<?, ?> map ? map : Map.of();
    String why =
        "Microsoft Graph returned %d %s for %s: %s"
            .formatted(status, text(error, "code"), what, text(error, "message"));
    throw status / 100 == 3 || (status / 100 == 4 && status != 408)
        ? new RefusedException(why)
        : new OperatorException(why);
  }

  private static String text(Map<?, ?> error, String field) {
    return ShortText.printable(Objects.toString(error.get(field), ""), MAX_TEXT);
  }

  private static Optional<String> id(@Nullable Object value) {
    return value instanceof String id && ID.matcher(id).matches()
        ? Optional.of(id)
        : Optional.empty();
  }

  private static String base64(X509Certificate certificate) throws OperatorException {
    try {
      return Base64.getEncoder().encodeToString(certificate.getEncoded());
    } catch (CertificateEncodingException damaged) {
      throw new OperatorException("the certificate is damaged", damaged);
    }
  }
}
