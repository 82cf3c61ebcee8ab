package org.tlsuplift.proxy.ca;

import java.math.BigInteger;
import java.security.SecureRandom;

/** Certificate serial numbers: positive and unpredictable (RFC 5280 section 4.1.2.2). */
final class SerialNumbers {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 126;
  private static final int SHORT_BITS = 62;

  private SerialNumbers() {}

  /** In exactly 16 octets. */
  static BigInteger next() {
    return positive(BITS);
  }

  /**
   * In exactly 8 octets, which fit into a long; with as many random bits as keep a forger of SHA-1
   * signatures from knowing what will be signed.
   */
  static BigInteger nextShort() {
    return positive(SHORT_BITS);
  }

  /** The bit set is the last but one of its octets, so that the number is positive in them. */
  private static BigInteger positive(int bits) {
    return new BigInteger(bits, RANDOM).setBit(bits);
  }
}
