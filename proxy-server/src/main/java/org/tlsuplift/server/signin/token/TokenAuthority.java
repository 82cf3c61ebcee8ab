package org.tlsuplift.server.signin.token;

import java.util.List;

/**
 * Where tokens are had, and for what.
 *
 * @param authority the tenant's address at the identity platform, such as {@code
 *     https://login.microsoftonline.com/contoso.example/}
 * @param applicationId of the application that asks
 * @param scopes what for
 */
public record TokenAuthority(String authority, String applicationId, List<String> scopes) {
  public TokenAuthority {
    scopes = List.copyOf(scopes);
  }
}
