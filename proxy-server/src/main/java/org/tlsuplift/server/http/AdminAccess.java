package org.tlsuplift.server.http;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.signin.openid.OpenIdClient;

/**
 * The users of the admin port, and the host names that requests may use.
 *
 * @param serverNames host names that requests may use, besides IP addresses and localhost
 * @param users sign in with a password
 * @param tokens sign in without a name; without users and tokens, no sign-in is needed
 * @param openIdConnect for people who sign in at an OpenID provider; null for none
 * @param openMetrics whether metrics need no sign-in
 */
public record AdminAccess(
    Set<String> serverNames,
    List<User> users,
    List<Token> tokens,
    @Nullable OpenIdConnect openIdConnect,
    boolean openMetrics) {
  AdminAccess(Set<String> serverNames, List<User> users, List<Token> tokens, boolean openMetrics) {
    this(serverNames, users, tokens, null, openMetrics);
  }

  public AdminAccess {
    serverNames =
        serverNames.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    users = List.copyOf(users);
    tokens = List.copyOf(tokens);
  }

  /**
   * What the port lacks so that people can sign in with a form and change something, and what to
   * do; empty if nothing.
   */
  public String missingForActions(boolean tls, boolean loopback) {
    if (!tls && !loopback) {
      return "the pages change nothing without TLS; set admin.tls, or bind the port to loopback";
    }
    return users.isEmpty() && openIdConnect == null
        ? "the pages change nothing without users; add one to admin.users with a role, or set"
            + " admin.openIdConnect"
        : "";
  }

  boolean needsSignIn() {
    return !users.isEmpty() || !tokens.isEmpty() || openIdConnect != null;
  }

  /**
   * People who sign in at an OpenID provider.
   *
   * @param externalUrl the address in browsers; null for the host of their requests
   * @param roles by the values of the claim for roles
   */
  public record OpenIdConnect(
      OpenIdClient client, @Nullable String externalUrl, Map<String, Role> roles) {
    public OpenIdConnect {
      roles = Map.copyOf(roles);
    }

    /**
     * Where the provider sends browsers.
     *
     * @param site the address of the pages, as these browsers write it
     */
    public String redirectUri(String site) {
      return (externalUrl == null ? site : externalUrl.replaceFirst("/$", ""))
          + OpenIdSignIn.RETURN;
    }
  }

  /**
   * A user who signs in with a password.
   *
   * @param name as it is typed
   * @param password its hash
   */
  public record User(String name, PasswordHash password, Role role) {}

  /**
   * A client that signs in with a token.
   *
   * @param name for the log
   * @param sha256 of the token, 64 hexadecimal digits in lower case
   * @param end when it stops working; null for never
   */
  public record Token(String name, String sha256, Role role, @Nullable Instant end) {
    /** Without the digest. */
    @Override
    public String toString() {
      return "Token[" + name + "]";
    }
  }
}
