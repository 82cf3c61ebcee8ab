package org.tlsuplift.server.testing.platform;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What libraries ask before they ask for tokens. */
final class Discovery {
  private Discovery() {}

  /** Which hosts are the same platform. */
  static Answer instance(String url, PlatformRequest request) {
    if (!request.get("authorization_endpoint").startsWith(url + "/")) {
      return Answer.error(400, "invalid_instance", 50049, "Unknown or invalid instance.");
    }
    String host = url.substring("https://".length());
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("tenant_discovery_endpoint", url + "/common/.well-known/openid-configuration");
    content.put("api-version", "1.1");
    content.put(
        "metadata",
        List.of(
            Map.of("preferred_network", host, "preferred_cache", host, "aliases", List.of(host))));
    return Answer.json(content);
  }

  /** Where its endpoints are (OpenID Connect Discovery 1.0). */
  static Answer openId(String url, String tenant) {
    String base = url + "/" + tenant;
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("token_endpoint", base + "/oauth2/v2.0/token");
    content.put(
        "token_endpoint_auth_methods_supported",
        List.of("client_secret_post", "private_key_jwt", "client_secret_basic"));
    content.put("issuer", base + "/v2.0");
    content.put("authorization_endpoint", base + "/oauth2/v2.0/authorize");
    content.put("device_authorization_endpoint", base + "/oauth2/v2.0/devicecode");
    content.put("jwks_uri", base + "/discovery/v2.0/keys");
    content.put("response_types_supported", List.of("code", "id_token", "token id_token"));
    content.put("subject_types_supported", List.of("pairwise"));
    content.put("id_token_signing_alg_values_supported", List.of("RS256"));
    content.put("scopes_supported", List.of("openid", "profile", "email", "offline_access"));
    return Answer.json(content);
  }
}
