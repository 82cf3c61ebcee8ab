package org.tlsuplift.server.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.server.password.GuessBrake;
import org.tlsuplift.server.password.Hashing;
import org.tlsuplift.server.password.PasswordHash;
import org.tlsuplift.server.password.ProvenPasswords;

/**
 * Judges names with passwords, and tokens. Never blocks: hashes are computed on threads that are
 * there for it. Thread-safe.
 *
 * <p>Guessing is slowed for each address and each name. Whoever has lately signed in with the same
 * from the same address goes on, so that nobody can lock out others by guessing; and he does not
 * cost a hash each time, which Prometheus would every 15 seconds.
 */
final class SignIns implements AutoCloseable {
  /** All names that nobody has, so that guessing them is slowed and they take no room. */
  private static final String NOBODY = "";

  private final Map<String, PasswordHash> users = new HashMap<>();
  private final List<AdminAccess.Token> tokens;
  private final Optional<PasswordHash> any;
  private final ProvenPasswords proven;
  private final GuessBrake<InetAddress> addresses;
  private final GuessBrake<String> names;
  private final Hashing hashing = new Hashing("admin-password");

  SignIns(AdminAccess access, Ticker clock) {
    access.users().forEach(user -> users.put(user.name(), user.password()));
    tokens = access.tokens();
    any = access.users().stream().map(AdminAccess.User::password).findFirst();
    proven = new ProvenPasswords(clock);
    addresses = new GuessBrake<>(clock);
    names = new GuessBrake<>(clock);
  }

  /** Judges what came from an address. */
  CompletionStage<SignInAnswer> judge(InetAddress from, Optional<Credential> credential) {
    InetAddress place = place(from);
    if (credential.isEmpty()) {
      return CompletableFuture.completedStage(new SignInAnswer.Missing());
    }
    return credential.get() instanceof Credential.Basic basic
        ? byPassword(place, basic)
        : CompletableFuture.completedStage(byToken(place, (Credential.Bearer) credential.get()));
  }

  /** Tokens are long and random, so it is enough to slow those who try many. */
  private SignInAnswer byToken(InetAddress from, Credential.Bearer bearer) {
    byte[] digest = sha256(bearer.token());
    Optional<AdminAccess.Token> found = Optional.empty();
    for (AdminAccess.Token token : tokens) {
      // All of them, and each as a whole: time tells nothing.
      if (MessageDigest.isEqual(digest, HexFormat.of().parseHex(token.sha256()))) {
        found = Optional.of(token);
      }
    }
    if (found.isPresent()) {
      return new SignInAnswer.Granted(found.get().name());
    }
    Duration wait = addresses.wait(from);
    if (!wait.isZero()) {
      return new SignInAnswer.Slowed(wait);
    }
    addresses.failed(from);
    return new SignInAnswer.Wrong();
  }

  private CompletionStage<SignInAnswer> byPassword(InetAddress from, Credential.Basic basic) {
    boolean known = users.containsKey(basic.name());
    String name = known ? basic.name() : NOBODY;
    // For a name that nobody has a hash is computed all the same: time tells nothing.
    Optional<PasswordHash> hash = Optional.ofNullable(users.get(basic.name())).or(() -> any);
    if (hash.isEmpty()) {
      return CompletableFuture.completedStage(failed(from, name));
    }
    char[] password = basic.password().toCharArray();
    ProvenPasswords.Digest digest = proven.digest(name, hash.get(), password);
    if (known && proven.isProvenBy(digest, from)) {
      return CompletableFuture.completedStage(new SignInAnswer.Granted(name));
    }
    Duration wait = longer(addresses.wait(from), names.wait(name));
    if (!wait.isZero()) {
      return CompletableFuture.completedStage(new SignInAnswer.Slowed(wait));
    }
    Optional<CompletableFuture<Boolean>> comparison = hashing.matches(digest, hash.get(), password);
    Arrays.fill(password, '\0');
    if (comparison.isEmpty()) {
      return CompletableFuture.completedStage(new SignInAnswer.Busy());
    }
    return comparison
        .get()
        .handle(
            (matches, fault) ->
                fault != null
                    ? new SignInAnswer.Busy()
                    : matches && known ? granted(from, name, digest) : failed(from, name));
  }

  private SignInAnswer granted(InetAddress from, String name, ProvenPasswords.Digest digest) {
    proven.proven(digest, from);
    addresses.succeeded(from);
    names.succeeded(name);
    return new SignInAnswer.Granted(name);
  }

  private SignInAnswer failed(InetAddress from, String name) {
    addresses.failed(from);
    names.failed(name);
    return new SignInAnswer.Wrong();
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** Whoever has one address of IPv6 has 2^64 of them (RFC 6177). */
  static InetAddress place(InetAddress from) {
    if (!(from instanceof Inet6Address)) {
      return from;
    }
    try {
      return InetAddress.getByAddress(Arrays.copyOf(Arrays.copyOf(from.getAddress(), 8), 16));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("16 bytes are an address", impossible);
    }
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 is in every Java runtime", impossible);
    }
  }

  @Override
  public void close() {
    hashing.close();
  }
}
