package org.tlsuplift.server.signin.token;

import java.util.List;

/**
 * The issuer of tokens.
 *
 * @param authority the tenant's address at the identity platform, such as {@code
 *     https://login.microsoftonline.com/contoso.example/}
 * @param applicationId of the application that requests tokens
 * @param scopes of the tokens
 */
public record TokenAuthority(String authority, String applicationId, List<String> scopes) {
  public TokenAuthority {
    scopes = List.copyOf(scopes);
  }
}
