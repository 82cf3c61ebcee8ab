package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.signin.PasswordChecks;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.signin.PasswordVerdict;

/**
 * Checks names with passwords, and tokens. Never blocks: hashes are computed on their own threads.
 * Thread-safe.
 *
 * <p>Guessing is slowed for each address and each name; {@link PasswordChecks} lists the
 * exceptions. Prometheus, which signs in every 15 seconds, does not cost a hash each time.
 */
final class SignIns implements AutoCloseable {
  /** The characters of an unknown name that count, so that names need little memory. */
  private static final int MAX_NAME = 64;

  private final Map<String, AdminAccess.User> users = new HashMap<>();
  private final List<AdminAccess.Token> tokens;
  private final Optional<PasswordHash> any;
  private final PasswordChecks passwords;
  private final Clock clock;

  SignIns(AdminAccess access, Ticker ticker, Clock clock) {
    this.clock = clock;
    access.users().forEach(user -> users.put(user.name(), user));
    tokens = access.tokens();
    any = access.users().stream().map(AdminAccess.User::password).findFirst();
    passwords = new PasswordChecks("admin-password", DeviceNetworks.DEFAULT, ticker);
  }

  /** The result of a sign-in. */
  sealed interface Result {
    /**
     * The credential is right.
     *
     * @param visitor the user or token
     */
    record Granted(Visitor visitor) implements Result {}

    /**
     * The token is right, and its last day has passed.
     *
     * @param token its name
     */
    record Expired(String token) implements Result {}

    /** The request has no credential that could be right. */
    record Missing() implements Result {}

    record Wrong() implements Result {}

    /**
     * The credential was not checked, because too many were wrong before.
     *
     * @param left the remaining wait
     */
    record Slowed(Duration left) implements Result {}

    /** The credential was not checked, because too many others are being checked. */
    record Busy() implements Result {}
  }

  /** Checks a credential that came from an address. */
  CompletionStage<Result> judge(InetAddress from, Optional<AdminCredential> adminCredential) {
    if (adminCredential.isEmpty()) {
      return CompletableFuture.completedStage(new Result.Missing());
    }
    return adminCredential.get() instanceof AdminCredential.Basic basic
        ? byPassword(from, basic)
        : CompletableFuture.completedStage(
            byToken(from, (AdminCredential.Bearer) adminCredential.get()));
  }

  /** Tokens are long and random, so it is enough to slow an address that tries many. */
  private Result byToken(InetAddress from, AdminCredential.Bearer bearer) {
    byte[] digest = sha256(bearer.token());
    Optional<AdminAccess.Token> found = Optional.empty();
    for (AdminAccess.Token token : tokens) {
      // Compares every token completely, so that the time reveals nothing.
      if (MessageDigest.isEqual(digest, HexFormat.of().parseHex(token.sha256()))) {
        found = Optional.of(token);
      }
    }
    if (found.isPresent()) {
      Instant end = found.get().end();
      return end == null || clock.instant().isBefore(end)
          ? new Result.Granted(
              new Visitor(found.get().name(), found.get().role(), Visitor.By.TOKEN))
          : new Result.Expired(found.get().name());
    }
    return refused(from, bearer.token());
  }

  private Result refused(InetAddress from, String secret) {
    Duration wait = passwords.refuse(from, secret);
    return wait.isZero() ? new Result.Wrong() : new Result.Slowed(wait);
  }

  private CompletionStage<Result> byPassword(InetAddress from, AdminCredential.Basic basic) {
    AdminAccess.User user = users.get(basic.name());
    boolean known = user != null;
    // An unknown name counts like a known one, so that the limits do not reveal which names exist.
    String name =
        known ? basic.name() : basic.name().substring(0, Math.min(basic.name().length(), MAX_NAME));
    // Computes a hash for an unknown name too, so that the time reveals nothing.
    Optional<PasswordHash> hash =
        Optional.ofNullable(user).map(AdminAccess.User::password).or(() -> any);
    if (hash.isEmpty()) {
      return CompletableFuture.completedStage(refused(from, basic.name() + ':' + basic.password()));
    }
    char[] password = basic.password().toCharArray();
    try {
      return passwords
          .check(from, name, hash.get(), password, known)
          .thenApply(verdict -> answer(verdict, user));
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  private static Result answer(PasswordVerdict verdict, AdminAccess.@Nullable User user) {
    if (verdict instanceof PasswordVerdict.Right && user != null) {
      return new Result.Granted(new Visitor(user.name(), user.role(), Visitor.By.PASSWORD));
    } else if (verdict instanceof PasswordVerdict.Slowed slowed) {
      return new Result.Slowed(slowed.left());
    } else if (verdict instanceof PasswordVerdict.Busy) {
      return new Result.Busy();
    } else if (verdict instanceof PasswordVerdict.Wrong
        || verdict instanceof PasswordVerdict.Right) {
      return new Result.Wrong();
    }
    throw new UnhandledVariantException(verdict);
  }

  private static byte[] sha256(String token) {
    return Digests.sha256().digest(token.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    passwords.close();
  }
}
