package org.tlsuplift.server.config;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.signin.password.PasswordHash;

/**
 * The settings of the admin port.
 *
 * @param tls null for plain HTTP
 * @param serverNames its names besides the address, normalised
 * @param openMetrics whether metrics need no sign-in
 */
public record AdminConfig(
    BindAddress bind,
    @Nullable Tls tls,
    List<String> serverNames,
    List<User> users,
    List<Token> tokens,
    boolean openMetrics) {
  public AdminConfig {
    serverNames = List.copyOf(serverNames);
    users = List.copyOf(users);
    tokens = List.copyOf(tokens);
  }

  AdminConfig onPort(int port) {
    return new AdminConfig(
        new BindAddress(bind.host(), port), tls, serverNames, users, tokens, openMetrics);
  }

  public boolean hasSignIn() {
    return !users.isEmpty() || !tokens.isEmpty();
  }

  /** The names for its certificate; empty if it has no name and is bound to all addresses. */
  public List<String> certificateNames() {
    Stream<String> own = bind.isEveryAddress() ? Stream.of() : Stream.of(bind.host());
    return Stream.concat(serverNames.stream(), own).distinct().toList();
  }

  /** The source of the certificate. */
  public sealed interface Tls {
    /** The CA that devices trust signs the certificate. */
    record Auto() implements Tls {}

    /** The operator's files, which may be replaced at any time. */
    record Files(KeyFiles keyFiles) implements Tls {}
  }

  /**
   * A user with a password.
   *
   * @param name without a colon
   */
  public record User(String name, PasswordHash passwordHash) {}

  /**
   * A program with a token.
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
