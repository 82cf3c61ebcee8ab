package org.tlsuplift.server.testing.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for Microsoft Graph that has one application and the certificates of it: {@code
 * addKey}, {@code removeKey} and the look-up, which needs a permission. It refuses a proof that
 * Microsoft's page does not allow. Over HTTPS on a port of loopback, as {@code localhost}.
 */
public final class ApplicationKeyStore implements AutoCloseable {
  private static final String AUDIENCE = "00000002-0000-0000-c000-000000000000";

  private final AppRegistration application;
  private final IdentityPlatform platform;
  private final Clock clock;
  private final HttpsServer server;
  private final String objectId = UUID.randomUUID().toString();
  private final Map<String, X509Certificate> keys = new LinkedHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile boolean mayLook;
  private volatile boolean replicates = true;
  private volatile boolean sendsKeyIds = true;
  private volatile @Nullable Fault fault;

  /** What happens to the next requests. */
  public enum Fault {
    /** Nothing is done, and no response comes. */
    LOST_REQUEST,
    /** It is done, and no response comes. */
    LOST_RESPONSE,
    /** A policy of the tenant. */
    REFUSED,
    BUSY
  }

  private ApplicationKeyStore(
      AppRegistration application,
      IdentityPlatform platform,
      PlatformCertificate certificate,
      Clock clock) {
    this.application = application;
    this.platform = platform;
    this.clock = clock;
    try {
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
      server.createContext("/", this::handle);
      server.start();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Starts one that accepts the tokens of the platform. */
  public static ApplicationKeyStore start(
      AppRegistration application,
      IdentityPlatform platform,
      PlatformCertificate certificate,
      Clock clock) {
    return new ApplicationKeyStore(application, platform, certificate, clock);
  }

  public String url() {
    return "https://localhost:" + server.getAddress().getPort();
  }

  public String objectId() {
    return objectId;
  }

  /** An administrator uploads a certificate. */
  public synchronized String upload(X509Certificate certificate) {
    String keyId = UUID.randomUUID().toString();
    keys.put(keyId, certificate);
    if (replicates) {
      application.add(certificate);
    }
    return keyId;
  }

  /** The certificates of the application. */
  public synchronized Collection<X509Certificate> certificates() {
    return List.copyOf(keys.values());
  }

  /** Grants Application.Read.All. */
  public void allowLook() {
    mayLook = true;
  }

  /** Whether the identity platform knows added certificates at once. */
  public synchronized void replicate(boolean atOnce) {
    replicates = atOnce;
    if (atOnce) {
      keys.values().forEach(application::add);
    }
  }

  /** Responses to addKey have no keyId, as in Microsoft's example. */
  public void hideKeyIds() {
    sendsKeyIds = false;
  }

  /** The fault of all requests from now on; null for none. */
  public void suffer(@Nullable Fault next) {
    fault = next;
  }

  /** The identity platform refuses certificates that have expired. */
  public synchronized void expire() {
    keys.values().stream()
        .filter(each -> !each.getNotAfter().toInstant().isAfter(clock.instant()))
        .forEach(application::remove);
  }

  /** The last elements of the paths. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String token =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
    requests.add(path.replaceAll(".*/", ""));
    Fault now = fault;
    if (now == Fault.LOST_REQUEST) {
      exchange.close();
      return;
    }
    Answer answer =
        now == Fault.REFUSED
            ? error(403, "Authorization_RequestDenied", "Credential lifetime exceeds the max value")
            : now == Fault.BUSY
                ? error(503, "ServiceUnavailable", "later")
                : !token.startsWith("Bearer ") || !platform.issued().contains(token.substring(7))
                    ? error(401, "InvalidAuthenticationToken", "no token")
                    : answer(exchange.getRequestMethod(), path, body);
    if (now == Fault.LOST_RESPONSE) {
      exchange.close();
      return;
    }
    IdentityPlatform.send(exchange, answer);
  }

  private Answer answer(String method, String path, String body) throws IOException {
    if (path.equals("/v1.0/applications(appId='" + application.id() + "')")
        && method.equals("GET")) {
      return mayLook ? description() : error(403, "Authorization_RequestDenied", "Insufficient");
    }
    String own = "/v1.0/applications/" + objectId;
    if (!method.equals("POST") || !path.startsWith(own)) {
      return error(404, "Request_ResourceNotFound", "Resource does not exist");
    }
    JsonNode request = Jwt.JSON.readTree(body);
    Optional<Answer> objection = objection(request.path("proof").asText());
    return objection.isPresent()
        ? objection.get()
        : path.equals(own + "/addKey")
            ? add(request)
            : path.equals(own + "/removeKey")
                ? remove(request)
                : error(404, "Request_ResourceNotFound", path);
  }

  private Answer description() {
    List<Map<String, String>> all = new ArrayList<>();
    keys.forEach((id, key) -> all.add(Map.of("keyId", id, "key", base64(key))));
    return Answer.json(Map.of("id", objectId, "keyCredentials", all));
  }

  private Optional<Answer> objection(String proof) {
    Instant now = clock.instant();
    Optional<Jwt> jwt = Jwt.parse(proof);
    boolean good =
        jwt.isPresent()
            && jwt.get().claims().path("aud").asText().equals(AUDIENCE)
            && jwt.get().claims().path("iss").asText().equals(objectId)
            && jwt.get().claims().path("nbf").asLong() <= now.getEpochSecond()
            && jwt.get().claims().path("exp").asLong() > now.getEpochSecond()
            && jwt.get().claims().path("exp").asLong() - jwt.get().claims().path("nbf").asLong()
                <= 600
            && jwt.get().header().path("alg").asText().equals("RS256")
            && !proof.contains("=")
            && keys.values().stream()
                .filter(each -> each.getNotAfter().toInstant().isAfter(now))
                .filter(each -> thumbprint(each).equals(jwt.get().header().path("x5t").asText()))
                .anyMatch(each -> jwt.get().isSignedBy(each.getPublicKey()));
    return good
        ? Optional.empty()
        : Optional.of(error(401, "Authentication_MissingOrMalformed", "invalid proof"));
  }

  private Answer add(JsonNode request) {
    JsonNode credential = request.path("keyCredential");
    if (!credential.path("type").asText().equals("AsymmetricX509Cert")
        || !credential.path("usage").asText().equals("Verify")
        || !credential.path("displayName").asText().matches("TLS Uplift [0-9A-F]{32}")
        || !request.has("passwordCredential")
        || !request.path("passwordCredential").isNull()) {
      return error(400, "Request_BadRequest", "keyCredential");
    }
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(
                          Base64.getDecoder().decode(credential.path("key").asText())));
      String keyId = upload(certificate);
      return Answer.json(sendsKeyIds ? Map.of("keyId", keyId) : Map.of("@odata.context", "x"));
    } catch (GeneralSecurityException | IllegalArgumentException malformed) {
      return error(400, "Request_BadRequest", "key");
    }
  }

  private Answer remove(JsonNode request) {
    X509Certificate removed = keys.remove(request.path("keyId").asText());
    if (removed == null) {
      return error(404, "Request_ResourceNotFound", "no such key");
    }
    application.remove(removed);
    return new Answer(204, Map.of(), "application/json", "");
  }

  private static Answer error(int status, String code, String message) {
    return Answer.json(status, Map.of("error", Map.of("code", code, "message", message)));
  }

  private static String thumbprint(X509Certificate certificate) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-1").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String base64(X509Certificate certificate) {
    try {
      return Base64.getEncoder().encodeToString(certificate.getEncoded());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
