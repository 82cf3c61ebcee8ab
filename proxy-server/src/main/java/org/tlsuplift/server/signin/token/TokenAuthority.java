package org.tlsuplift.server.signin.token;

import java.time.Duration;
import java.util.List;

/**
 * The issuer of tokens, and what its tokens are for.
 *
 * @param tenant the tenant's name, for messages
 * @param authority the tenant's address at the identity platform, such as {@code
 *     https://login.microsoftonline.com/contoso.example/}
 * @param applicationId of the application that requests tokens
 * @param scopes of the tokens
 * @param reserve how much longer a token must be valid when it is used, for the session that starts
 *     with it
 * @param renewal the command that makes another certificate of the application, for messages
 */
public record TokenAuthority(
    String tenant,
    String authority,
    String applicationId,
    List<String> scopes,
    Duration reserve,
    String renewal) {
  public TokenAuthority {
    scopes = List.copyOf(scopes);
  }
}
