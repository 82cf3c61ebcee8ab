package org.tlsuplift.proxy.ca;

import java.time.Duration;

/**
 * How to make and keep leaves.
 *
 * @param signature the hash of the CA's signature on leaves
 * @param cached how many leaves are kept, at least 1; about 5 KiB of heap each
 * @param lifetime of a new leaf, at least a day; it is replaced after half of that
 */
public record LeafSettings(SignatureHash signature, int cached, Duration lifetime, LeafForm form) {
  /**
   * 30 days, so that a stolen leaf key is useful for weeks and not for a year; a leaf in use has at
   * least half of that left.
   */
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(30);

  /**
   * 398 days, for the devices of one antique listener: those whose clock runs months ahead still
   * accept a leaf, and it respects the strictest limit of any verifier (Apple's, for roots that
   * came with the system).
   */
  public static final Duration ANTIQUE_LIFETIME = Duration.ofDays(398);

  private static final int DEFAULT_CACHED = 10_000;

  public LeafSettings {
    if (cached < 1) {
      throw new IllegalArgumentException("the number of cached leaves is below 1: " + cached);
    }
    if (lifetime.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("the lifetime " + lifetime + " is below one day");
    }
  }

  public static LeafSettings defaults() {
    return new LeafSettings(SignatureHash.SHA256, DEFAULT_CACHED, DEFAULT_LIFETIME, LeafForm.USUAL);
  }

  /** Whether such leaves are only for the devices of one listener. */
  boolean isWeak() {
    return signature == SignatureHash.SHA1
        || form.keyAlgorithm() == KeyAlgorithm.RSA_1024
        || form.extensions() == Extensions.NONE;
  }
}
