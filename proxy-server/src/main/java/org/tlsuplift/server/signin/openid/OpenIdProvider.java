package org.tlsuplift.server.signin.openid;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;

/**
 * An OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0 section 3.1).
 * The methods block. Thread-safe.
 */
public final class OpenIdProvider {
  /** How far the clock of the provider may differ. */
  public static final Duration MAX_SKEW = Duration.ofMinutes(1);

  /** How long the discovery document is used. */
  private static final Duration KEEP = Duration.ofHours(1);

  private static final int MAX_QUOTED = 200;

  private final OpenIdClient client;
  private final Web web;
  private final Secret secret;
  private final Clock clock;
  private final IdTokens tokens;
  private Map<String, Object> document = Map.of();
  private Instant read = Instant.EPOCH;

  /** Sends requests. */
  public interface Web {
    /** The response, whatever its status. */
    HttpsResponse send(URI url, HttpsRequest request) throws OperatorException;
  }

  /** Reads the client's secret. */
  public interface Secret {
    /** Null for a public client. */
    @Nullable String read() throws OperatorException;
  }

  public OpenIdProvider(OpenIdClient client, Web web, Secret secret, Clock clock) {
    this.client = client;
    this.web = web;
    this.secret = secret;
    this.clock = clock;
    tokens = new IdTokens(client, clock);
  }

  /** The address at which the user signs in. */
  public String authorization(OpenIdRequest request, String redirectUri) throws OpenIdException {
    Map<String, String> parameters = new HashMap<>();
    parameters.put("response_type", "code");
    parameters.put("client_id", client.clientId());
    parameters.put("redirect_uri", redirectUri);
    parameters.put("scope", "openid profile email");
    parameters.put("state", request.state());
    parameters.put("nonce", request.nonce());
    parameters.put("code_challenge", request.challenge());
    parameters.put("code_challenge_method", "S256");
    if (request.again()) {
      parameters.put("prompt", "login");
      parameters.put("max_age", "0");
    }
    String endpoint = endpoint("authorization_endpoint").toString();
    return endpoint + (endpoint.contains("?") ? "&" : "?") + encoded(parameters);
  }

  /** The user to whom the provider has given a code. */
  public OpenIdUser redeem(OpenIdRequest request, String redirectUri, String code)
      throws OpenIdException {
    Map<String, String> parameters = new HashMap<>();
    parameters.put("grant_type", "authorization_code");
    parameters.put("code", code);
    parameters.put("redirect_uri", redirectUri);
    parameters.put("code_verifier", request.verifier());
    parameters.put("client_id", client.clientId());
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    URI url = endpoint("token_endpoint");
    addSecret(parameters, headers);
    Map<String, Object> answer =
        json(url, new HttpsRequest("POST", target(url), headers, encoded(parameters)));
    if (!(answer.get("id_token") instanceof String token)) {
      throw refusal(answer, redirectUri);
    }
    return tokens.verify(token, request.nonce(), keys());
  }

  private void addSecret(Map<String, String> parameters, Map<String, String> headers)
      throws OpenIdException {
    try {
      String text = secret.read();
      if (text != null
          && document().get("token_endpoint_auth_methods_supported") instanceof List<?> methods
          && !methods.contains("client_secret_basic")) {
        parameters.put("client_secret", text);
      } else if (text != null) {
        // RFC 6749 section 2.3.1: both are form-encoded first.
        String both = encoded(client.clientId()) + ":" + encoded(text);
        headers.put(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (OperatorException unreadable) {
      throw OpenIdException.unusable(
          "clientSecretFile: " + unreadable.getMessage(), "write the secret into its first line");
    }
  }

  /** RFC 6749 section 5.2. */
  private static OpenIdException refusal(Map<String, Object> answer, String redirectUri) {
    String text =
        "the provider refuses the code: %s; it must have the redirect URI %s"
            .formatted(
                ShortText.printable(
                    answer.get("error") + " " + answer.get("error_description"), MAX_QUOTED),
                redirectUri);
    return "invalid_grant".equals(answer.get("error"))
        ? OpenIdException.refused("the sign-in took too long, or was repeated; sign in again", text)
        : OpenIdException.unusable(
            text, "check clientId, and whether the secret of clientSecretFile has expired");
  }

  private URI discovery() {
    return URI.create(client.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
  }

  /** Checks the discovery document, and returns its address. */
  public URI checkDocument() throws OpenIdException {
    for (String key : List.of("authorization_endpoint", "token_endpoint", "jwks_uri")) {
      URI unused = endpoint(key);
    }
    return discovery();
  }

  /** The usable algorithms of ID tokens; empty if the discovery document lists none at all. */
  public List<String> checkAlgorithms() throws OpenIdException {
    if (!(document().get("id_token_signing_alg_values_supported") instanceof List<?> listed)) {
      return List.of();
    }
    List<String> usable = IdTokens.ALGORITHMS.stream().filter(listed::contains).toList();
    if (usable.isEmpty()) {
      throw OpenIdException.unusable(
          "the provider signs ID tokens with " + ShortText.printable(listed.toString(), MAX_QUOTED),
          "let it use RS256, ES256 or PS256");
    }
    return usable;
  }

  /** The number of keys that can sign ID tokens: at least one. */
  public int checkKeys() throws OpenIdException {
    return IdTokens.signing(keys().read());
  }

  private IdTokens.KeySource keys() throws OpenIdException {
    URI keys = endpoint("jwks_uri");
    return () -> send(keys, HttpsRequest.get(target(keys))).body();
  }

  /** OpenID Connect Discovery 1.0 section 3. */
  private synchronized Map<String, Object> document() throws OpenIdException {
    Instant now = clock.instant();
    if (now.isAfter(read.plus(KEEP))) {
      URI url = discovery();
      Map<String, Object> found = json(url, HttpsRequest.get(target(url)));
      if (!found.containsKey("issuer")) {
        throw OpenIdException.unusable(
            url
                + " is no discovery document: "
                + ShortText.printable(
                    String.valueOf(
                        found.getOrDefault(
                            "error_description", found.getOrDefault("error", "no issuer"))),
                    MAX_QUOTED),
            "correct admin.openIdConnect.issuer");
      }
      if (!client.issuer().equals(found.get("issuer"))) {
        throw OpenIdException.unusable(
            url + " has the issuer " + ShortText.quoted(String.valueOf(found.get("issuer"))),
            "write it into admin.openIdConnect.issuer, for Microsoft with the tenant's ID");
      }
      document = found;
      read = now;
    }
    return document;
  }

  private URI endpoint(String key) throws OpenIdException {
    String value = String.valueOf(document().get(key));
    try {
      URI url = URI.create(value);
      if ("https".equals(url.getScheme()) && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException malformed) {
      // Refused below.
    }
    throw OpenIdException.unusable(
        key + " of the discovery document: got " + ShortText.quoted(value) + "; expected https://",
        "correct it at the provider");
  }

  private Map<String, Object> json(URI url, HttpsRequest request) throws OpenIdException {
    HttpsResponse response = send(url, request);
    try {
      return JsonUtil.parseJson(response.body());
    } catch (JoseException malformed) {
      throw OpenIdException.unusable(
          url + ": status " + response.status() + " without JSON",
          "correct admin.openIdConnect.issuer, or a proxy on the way sent it");
    }
  }

  private HttpsResponse send(URI url, HttpsRequest request) throws OpenIdException {
    try {
      return web.send(url, request);
    } catch (OperatorException failed) {
      throw OpenIdException.unusable(
          String.valueOf(failed.getMessage()),
          "let this machine reach it, or correct admin.openIdConnect");
    }
  }

  private static String target(URI url) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  private static String encoded(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each -> each.getKey() + "=" + encoded(each.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
