package org.tlsuplift.server.signin.openid;

import java.net.URI;

/**
 * This program's registration at an OpenID provider.
 *
 * @param issuer https, exactly as the provider writes it
 * @param rolesClaim the claim of the ID token whose values stand for roles
 */
public record OpenIdClient(String issuer, String clientId, String rolesClaim) {
  /** The provider's name, for people. */
  public String provider() {
    String host = URI.create(issuer).getHost();
    return host.startsWith("login.microsoftonline.") ? "Microsoft" : host;
  }
}
