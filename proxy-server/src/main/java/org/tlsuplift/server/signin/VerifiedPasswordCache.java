package org.tlsuplift.server.signin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.nio.ByteBuffer;
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
 * a day works while others guess its password. It also remembers wrong passwords for a day, so that
 * a device that repeats one is not taken for a guesser.
 *
 * <p>It is in memory only, for at most 10,000 passwords, 50,000 addresses and 10,000 wrong
 * passwords (some 30 MB; 70 MB while someone guesses at each of these addresses). It holds keyed
 * digests of login, hash and password, with a key of this process: useless elsewhere, and invalid
 * when the hash changes. Thread-safe.
 */
final class VerifiedPasswordCache {
  private static final String HMAC = "HmacSHA256";
  private static final Duration LIFETIME = Duration.ofMinutes(10);
  private static final Duration DEVICE_LIFETIME = Duration.ofDays(30);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MAX_PROOFS = 10_000;
  private static final int MAX_DEVICES = 50_000;
  private static final int MAX_WRONG = 10_000;
  private static final int LOOKUPS_PER_DAY = 100;

  private final Ticker clock;
  private final SecretKeySpec key;
  private final Cache<String, Digest> proofs;
  private final Cache<DeviceAccount, DeviceProof> byDevice;
  private final Cache<DeviceDigest, Boolean> wrong;

  /** A password of an account, which is a login with its hash. */
  static final class Digest {
    private final String account;
    private final byte[] bytes;

    private Digest(String account, byte[] bytes) {
      this.account = account;
      this.bytes = bytes;
    }

    /** Equal to this one, without the login, which may be long. */
    private Digest withoutAccount() {
      return new Digest("", bytes);
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

  private record DeviceAccount(String account, InetAddress device) {}

  private record DeviceDigest(Digest digest, InetAddress device) {}

  private record DeviceProof(Digest digest, Lookups lookups) {}

  /** The different wrong passwords that one device sent for one account within a day. */
  private static final class Lookups {
    private long[] passwords = {};
    private long since;

    synchronized boolean isLeft(long now) {
      if (passwords.length > 0 && now - since >= DAY.toNanos()) {
        passwords = new long[0];
      }
      return passwords.length < LOOKUPS_PER_DAY;
    }

    synchronized void count(Digest digest, long now) {
      long password = ByteBuffer.wrap(digest.bytes).getLong();
      if (isLeft(now) && Arrays.stream(passwords).noneMatch(known -> known == password)) {
        since = passwords.length == 0 ? now : since;
        passwords = Arrays.copyOf(passwords, passwords.length + 1);
        passwords[passwords.length - 1] = password;
      }
    }
  }

  VerifiedPasswordCache(Ticker clock) {
    this.clock = clock;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, HMAC);
    proofs = cache(MAX_PROOFS, LIFETIME);
    byDevice = cache(MAX_DEVICES, DEVICE_LIFETIME);
    wrong = cache(MAX_WRONG, DAY);
  }

  private <K, V> Cache<K, V> cache(int most, Duration kept) {
    return Caffeine.newBuilder().ticker(clock).maximumSize(most).expireAfterWrite(kept).build();
  }

  /** Takes some microseconds. */
  Digest digest(String login, PasswordHash hash, char[] password) {
    return digest(login + '\0' + hash.encoded(), password);
  }

  /** The digest of a secret that has no login. */
  Digest digest(char[] secret) {
    return digest("", secret);
  }

  private Digest digest(String account, char[] password) {
    byte[] secret = PasswordHash.bytes(password);
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update(account.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return new Digest(account, mac.doFinal(secret));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(HMAC + " is in every Java runtime", impossible);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /**
   * Whether the password was correct within 10 minutes from any address, or within 30 days from
   * this one. The caller charges a guess if it was not and {@link #isComparable} is true.
   */
  boolean isProven(Digest digest, InetAddress device) {
    DeviceProof own = byDevice.getIfPresent(new DeviceAccount(digest.account, device));
    Digest recent = proofs.getIfPresent(digest.account);
    return (own != null && own.digest().equals(digest))
        || (recent != null && recent.equals(digest));
  }

  /** Whether {@link #isProven} compares a password of this account with a correct one. */
  boolean isComparable(Digest digest, InetAddress device) {
    return byDevice.getIfPresent(new DeviceAccount(digest.account, device)) != null
        || proofs.getIfPresent(digest.account) != null;
  }

  /**
   * Whether the password was correct within 30 days from this address. Needs no charge: after 100
   * different wrong passwords within a day it is always false.
   */
  boolean isProvenBySlowed(Digest digest, InetAddress device) {
    DeviceProof own = byDevice.getIfPresent(new DeviceAccount(digest.account, device));
    if (own == null) {
      return false;
    }
    if (own.digest().equals(digest)) {
      return own.lookups().isLeft(clock.read());
    }
    own.lookups().count(digest, clock.read());
    return false;
  }

  /** Records that the password was correct, from this address. */
  void proven(Digest digest, InetAddress device) {
    proofs.put(digest.account, digest);
    byDevice
        .asMap()
        .compute(
            new DeviceAccount(digest.account, device),
            (unused, known) ->
                // The device's own success must not give new lookups to a guesser behind its
                // address.
                new DeviceProof(digest, known == null ? new Lookups() : known.lookups()));
  }

  /** Whether {@link #wrong} was called within a day. */
  boolean isWrong(Digest digest, InetAddress device) {
    return wrong.getIfPresent(new DeviceDigest(digest.withoutAccount(), device)) != null;
  }

  /** Records that the comparison found another password, so that this one stays wrong. */
  void wrong(Digest digest, InetAddress device) {
    wrong.put(new DeviceDigest(digest.withoutAccount(), device), true);
  }
}
