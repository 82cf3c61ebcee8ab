package org.tlsuplift.proxy.ca;

import java.time.Duration;

/**
 * The settings of leaves.
 *
 * @param signature the hash of the CA's signature on leaves
 * @param cached the number of leaves in the cache, at least 1; each needs about 5 KiB of heap
 * @param lifetime the lifetime of a new leaf, at least a day; a leaf is replaced after half of it
 * @param alsoEc whether devices that support it get a leaf with a P-256 key
 */
public record LeafSettings(
    SignatureHash signature, int cached, Duration lifetime, LeafForm form, boolean alsoEc) {
  /**
   * 30 days, so that a stolen leaf key is useful for weeks and not for a year. A leaf in use has at
   * least 15 days left.
   */
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(30);

  /**
   * 398 days, for the devices of one antique listener. Devices whose clock is months ahead still
   * accept such a leaf, and it respects the strictest limit of any verifier (Apple's, for roots of
   * the system).
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

  /** Settings for leaves with one key. */
  public LeafSettings(SignatureHash signature, int cached, Duration lifetime, LeafForm form) {
    this(signature, cached, lifetime, form, false);
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
