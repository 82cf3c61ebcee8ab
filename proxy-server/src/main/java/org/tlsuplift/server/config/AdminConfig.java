package org.tlsuplift.server.config;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.signin.password.PasswordHash;

/**
 * The admin port: pages, metrics and health.
 *
 * @param bind the address
 * @param tls its certificate, or null for plain HTTP
 * @param serverNames what it is called beside its address, normalised
 * @param users who signs in with a password
 * @param tokens who signs in with a token
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

  public boolean hasSignIn() {
    return !users.isEmpty() || !tokens.isEmpty();
  }

  /** What a certificate for it has to carry; empty when it is only known as every address. */
  public List<String> certificateNames() {
    Stream<String> own = bind.isEveryAddress() ? Stream.of() : Stream.of(bind.host());
    return Stream.concat(serverNames.stream(), own).distinct().toList();
  }

  /** Where its certificate comes from. */
  public sealed interface Tls {
    /** Our own CA signs it. */
    record Auto() implements Tls {}

    /**
     * The operator has it, and replaces its files now and then.
     *
     * @param keyFiles where
     */
    record Files(KeyFiles keyFiles) implements Tls {}
  }

  /**
   * Who signs in with a password.
   *
   * @param name without a colon
   * @param passwordHash to compare with
   */
  public record User(String name, PasswordHash passwordHash) {}

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
