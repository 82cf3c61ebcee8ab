package org.tlsuplift.server.signin.openid;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The user of a verified ID token.
 *
 * @param name for people: printable, short, and not unique
 * @param subject identifies the user at the provider
 * @param roles the values of the claim for roles
 * @param authenticated when the user last entered a password or the like; empty if the provider
 *     does not tell
 */
public record OpenIdUser(
    String name, String subject, List<String> roles, Optional<Instant> authenticated) {
  public OpenIdUser {
    roles = List.copyOf(roles);
  }
}
