package org.tlsuplift.server.signin.openid;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  /** How long the discovery document is used. */
  private static final Duration KEEP = Duration.ofHours(1);

  private static final int MAX_QUOTED = 200;
  private static final String LATER =
      "the identity provider cannot be used now; try again later, or sign in with a password; the"
          + " log has the cause";

  private final OpenIdClient client;
  private final Web web;
  private final Secret secret;
  private final Clock clock;
  private final IdTokens tokens;
  private @Nullable Metadata metadata;

  /** Sends requests. */
  public interface Web {
    /**
     * The response, whatever its status.
     *
     * @param url https; has the host of the request
     */
    HttpsResponse send(URI url, HttpsRequest request) throws OperatorException;
  }

  /** Reads the client's secret. */
  public interface Secret {
    /** Null for a public client. */
    @Nullable String read() throws OperatorException;
  }

  /** What is used of the discovery document (OpenID Connect Discovery 1.0 section 3). */
  private record Metadata(
      URI authorization, URI token, URI keys, boolean secretInHeader, Instant read) {}

  public OpenIdProvider(OpenIdClient client, Web web, Secret secret, Clock clock) {
    this.client = client;
    this.web = web;
    this.secret = secret;
    this.clock = clock;
    tokens = new IdTokens(client, clock);
  }

  public OpenIdClient client() {
    return client;
  }

  /** The address at which the user signs in. */
  public String authorization(OpenIdRequest request, String redirectUri) throws OpenIdException {
    Map<String, String> parameters = new LinkedHashMap<>();
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
    String endpoint = metadata().authorization.toString();
    return endpoint + (endpoint.contains("?") ? "&" : "?") + encoded(parameters);
  }

  /** The user to whom the provider has given a code. */
  public OpenIdUser redeem(OpenIdRequest request, String redirectUri, String code)
      throws OpenIdException {
    Metadata known = metadata();
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("grant_type", "authorization_code");
    parameters.put("code", code);
    parameters.put("redirect_uri", redirectUri);
    parameters.put("code_verifier", request.verifier());
    parameters.put("client_id", client.clientId());
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    String password = secret();
    if (password != null && known.secretInHeader) {
      // RFC 6749 section 2.3.1: both are form-encoded first.
      String both = encoded(client.clientId()) + ":" + encoded(password);
      headers.put(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    } else if (password != null) {
      parameters.put("client_secret", password);
    }
    HttpsResponse response =
        send(
            known.token,
            new HttpsRequest("POST", target(known.token), headers, encoded(parameters)));
    Map<String, Object> answer = json(known.token, response);
    if (response.status() != 200 || !(answer.get("id_token") instanceof String token)) {
      throw refusal(answer, redirectUri);
    }
    return tokens.verify(token, request.nonce(), () -> text(known.keys));
  }

  private @Nullable String secret() throws OpenIdException {
    try {
      return secret.read();
    } catch (OperatorException unreadable) {
      throw OpenIdException.unusable(
          LATER, "admin.openIdConnect.clientSecretFile: " + unreadable.getMessage());
    }
  }

  /** RFC 6749 section 5.2. */
  private OpenIdException refusal(Map<String, Object> answer, String redirectUri) {
    String error = String.valueOf(answer.get("error"));
    String text =
        "the provider refuses the code: "
            + ShortText.printable(
                error + ": " + answer.getOrDefault("error_description", ""), MAX_QUOTED);
    return switch (error) {
      case "invalid_grant" ->
          OpenIdException.refused(
              "the sign-in took too long or was sent twice; sign in again",
              text + "; sign in again; the provider must have the redirect URI " + redirectUri);
      default ->
          OpenIdException.unusable(
              LATER,
              text
                  + "; compare admin.openIdConnect.clientId with the provider's registration, which"
                  + " must have the redirect URI "
                  + redirectUri
                  + "; write a new secret into clientSecretFile if the secret has expired");
    };
  }

  private synchronized Metadata metadata() throws OpenIdException {
    Instant now = clock.instant();
    Metadata known = metadata;
    if (known == null || now.isAfter(known.read.plus(KEEP))) {
      known = discover(now);
      metadata = known;
    }
    return known;
  }

  private Metadata discover(Instant now) throws OpenIdException {
    URI url =
        URI.create(client.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
    Map<String, Object> document =
        json(url, new HttpsResponse(200, Map.of(), text(url)));
    String issuer = String.valueOf(document.get("issuer"));
    if (!issuer.equals(client.issuer())) {
      throw OpenIdException.unusable(
          LATER,
          "admin.openIdConnect.issuer: got "
              + client.issuer()
              + "; the provider calls itself "
              + ShortText.quoted(issuer)
              + "; write exactly that; for Microsoft, with the ID of the tenant");
    }
    // The default of the specification is the header.
    boolean header =
        !(document.get("token_endpoint_auth_methods_supported") instanceof List<?> methods)
            || methods.contains("client_secret_basic");
    return new Metadata(
        endpoint(document, "authorization_endpoint"),
        endpoint(document, "token_endpoint"),
        endpoint(document, "jwks_uri"),
        header,
        now);
  }

  private static URI endpoint(Map<String, Object> document, String key) throws OpenIdException {
    String value = String.valueOf(document.get(key));
    try {
      URI url = URI.create(value);
      if ("https".equals(url.getScheme()) && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException malformed) {
      // Refused below.
    }
    throw OpenIdException.unusable(
        LATER,
        "the discovery document has no usable "
            + key
            + ": got "
            + ShortText.quoted(value)
            + "; expected an https URL");
  }

  private String text(URI url) throws OpenIdException {
    HttpsResponse response = send(url, HttpsRequest.get(target(url)));
    if (response.status() != 200) {
      throw OpenIdException.unusable(
          LATER, url + " responded " + response.status() + "; correct admin.openIdConnect.issuer");
    }
    return response.body();
  }

  private HttpsResponse send(URI url, HttpsRequest request) throws OpenIdException {
    try {
      return web.send(url, request);
    } catch (OperatorException failed) {
      throw OpenIdException.unusable(
          LATER,
          failed.getMessage()
              + "; let this machine reach it, or correct admin.openIdConnect.issuer");
    }
  }

  private static Map<String, Object> json(URI url, HttpsResponse response) throws OpenIdException {
    try {
      return JsonUtil.parseJson(response.body());
    } catch (JoseException malformed) {
      throw OpenIdException.unusable(
          LATER,
          url
              + " responded "
              + response.status()
              + " without JSON; a proxy on the way may have sent it");
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
