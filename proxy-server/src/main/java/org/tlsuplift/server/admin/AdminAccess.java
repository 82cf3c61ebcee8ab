package org.tlsuplift.server.admin;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.server.signin.password.PasswordHash;

/**
 * Who may use the admin port, and under which names.
 *
 * @param serverNames host names that it is known by, beside every address and localhost
 * @param users who signs in with a password
 * @param tokens who signs in with a token; when there are no users either, no sign-in is needed
 * @param openMetrics whether metrics need no sign-in
 */
public record AdminAccess(
    Set<String> serverNames, List<User> users, List<Token> tokens, boolean openMetrics) {
  public AdminAccess {
    serverNames =
        serverNames.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    users = List.copyOf(users);
    tokens = List.copyOf(tokens);
  }

  /** Everybody who gets there, under these names. */
  public static AdminAccess open(Set<String> serverNames) {
    return new AdminAccess(serverNames, List.of(), List.of(), false);
  }

  boolean needsSignIn() {
    return !users.isEmpty() || !tokens.isEmpty();
  }

  /**
   * Who signs in with a password.
   *
   * @param name as it is typed
   * @param password its hash
   */
  public record User(String name, PasswordHash password) {}

  /**
   * Who signs in with a token.
   *
   * @param name for the log
   * @param sha256 of the token, 64 hexadecimal digits in lower case
   */
  public record Token(String name, String sha256) {
    /** Without the digest. */
    @Override
    public String toString() {
      return "Token[" + name + "]";
    }
  }
}
