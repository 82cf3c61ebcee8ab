package org.tlsuplift.server.signin.password;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers correct passwords: for 10 minutes from any address, so that a hundred devices do not
 * cost a hundred hashes, and for 30 days from the same address, so that a device that signs in once
 * a day works while others guess its password.
 *
 * <p>It is in memory only, for at most 10,000 passwords and 50,000 addresses (some 10 MB). It holds
 * keyed digests of login, hash and password, with a key of this process: useless elsewhere, and
 * invalid when the hash changes. Thread-safe.
 */
final class VerifiedPasswordCache {
  private static final String HMAC = "HmacSHA256";
  private static final Duration KEPT = Duration.ofMinutes(10);
  private static final Duration KEPT_FOR_DEVICE = Duration.ofDays(30);
  private static final int MAX_PROOFS = 10_000;
  private static final int MAX_DEVICES = 50_000;

  private final SecretKeySpec key;
  private final Cache<Digest, Boolean> proofs;
  private final Cache<DeviceDigest, Boolean> byDevice;

  static final class Digest {
    private final byte[] bytes;

    private Digest(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Digest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private record DeviceDigest(Digest digest, InetAddress device) {}

  VerifiedPasswordCache(Ticker clock) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, HMAC);
    proofs =
        Caffeine.newBuilder().ticker(clock).maximumSize(MAX_PROOFS).expireAfterWrite(KEPT).build();
    byDevice =
        Caffeine.newBuilder()
            .ticker(clock)
            .maximumSize(MAX_DEVICES)
            .expireAfterWrite(KEPT_FOR_DEVICE)
            .build();
  }

  /** Takes some microseconds. */
  Digest digest(String login, PasswordHash hash, char[] password) {
    byte[] secret = PasswordHash.bytes(password);
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update(login.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      mac.update(hash.encoded().getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return new Digest(mac.doFinal(secret));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(HMAC + " is in every Java runtime", impossible);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** Whether the password was correct within 10 minutes, from any address. */
  boolean isProven(Digest digest) {
    return proofs.getIfPresent(digest) != null;
  }

  /** Whether the password was correct within 30 days, from this address. */
  boolean isProvenBy(Digest digest, InetAddress device) {
    return byDevice.getIfPresent(new DeviceDigest(digest, device)) != null;
  }

  /** Records that the password was correct, from this address. */
  void proven(Digest digest, InetAddress device) {
    proofs.put(digest, true);
    byDevice.put(new DeviceDigest(digest, device), true);
  }
}
