package org.tlsuplift.proxy.ca;

import java.time.Duration;

/**
 * How leaves are made and kept.
 *
 * @param signature the hash of the CA's signature on leaves
 * @param cached how many leaves are kept, at least 1; about 5 KiB of heap each
 * @param lifetime how long a new leaf is valid from now on, at least a day; it is replaced at half
 *     of that
 * @param form what they look like
 */
public record LeafSettings(SignatureHash signature, int cached, Duration lifetime, LeafForm form) {
  /**
   * 30 days, so that a stolen leaf key is of use for weeks and not for a year; a leaf that is shown
   * has at least half of that left.
   */
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(30);

  /**
   * 398 days, for the devices of one antique listener: those whose clock runs months ahead still
   * accept a leaf, and the strictest limit that any verifier knows (Apple's, for roots that came
   * with the system) is kept.
   */
  public static final Duration ANTIQUE_LIFETIME = Duration.ofDays(398);

  private static final int DEFAULT_CACHED = 10_000;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when one is exceeded
   */
  public LeafSettings {
    if (cached < 1) {
      throw new IllegalArgumentException("the number of cached leaves is below 1: " + cached);
    }
    if (lifetime.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("the lifetime " + lifetime + " is below one day");
    }
  }

  /** SHA-256, 10,000 leaves, 30 days, the usual form. */
  public static LeafSettings defaults() {
    return new LeafSettings(SignatureHash.SHA256, DEFAULT_CACHED, DEFAULT_LIFETIME, LeafForm.USUAL);
  }

  /** Whether only the devices of one listener may be shown such leaves. */
  boolean isWeak() {
    return signature == SignatureHash.SHA1
        || form.keyAlgorithm() == KeyAlgorithm.RSA_1024
        || form.extensions() == Extensions.NONE;
  }
}
